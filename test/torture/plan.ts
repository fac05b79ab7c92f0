/**
 * What is done to the service in a round, drawn before it begins.
 *
 *   start ── ready ── load ─ halt ─ load ─ full disk ─ load ── SIGKILL          the next one starts
 *   start ─ SIGKILL                                            SIGTERM          on the same directory
 */
import { type Draw, oneIn } from './draw.ts';

export const FAULTS = ['kill', 'stop', 'full'] as const;
export type Fault = (typeof FAULTS)[number];

/** How a disk that is full goes on. */
export type FullEnd =
  | 'space' // there is room again, and the service has to go on
  | 'kill' // SIGKILL, then room
  | 'term' // SIGTERM, then room
  | 'start'; // SIGKILL, a start while there is no room, then room

export type Step =
  | { readonly kind: 'load'; readonly forMs: number }
  /** SIGSTOP, and SIGCONT after that long. */
  | { readonly kind: 'stop'; readonly forMs: number }
  | { readonly kind: 'full'; readonly forMs: number; readonly end: FullEnd };

export interface Round {
  /** SIGKILL that long after the start, whatever it has come to; nothing else is done then. */
  readonly killAtStartMs?: number;
  readonly steps: readonly Step[];
  readonly end: 'kill' | 'term';
}

const KILL_AT_START_ONE_IN = 5;
const LONGEST_START_MS = 600;
const TERM_ONE_IN = 7;
const FULL_ONE_IN = 3;
const MAX_STOPS = 3;
/** Most halts are shorter than the clients' patience. */
const LONG_STOP_ONE_IN = 3;
const SHORT_STOP_MS = [50, 900] as const;
const LONG_STOP_MS = [1_100, 3_000] as const;
const FULL_MS = [200, 1_200] as const;
const FULL_ENDS: readonly FullEnd[] = ['space', 'space', 'space', 'kill', 'term', 'start'];

const within = (draw: Draw, [from, to]: readonly [number, number]): number => draw(from, to);

const drawStop = (draw: Draw): Step => ({
  kind: 'stop',
  forMs: within(draw, oneIn(draw, LONG_STOP_ONE_IN) ? LONG_STOP_MS : SHORT_STOP_MS),
});

const drawFull = (draw: Draw): Step => ({
  kind: 'full',
  forMs: within(draw, FULL_MS),
  end: FULL_ENDS[draw(0, FULL_ENDS.length - 1)]!,
});

/** The shortest time between two faults. */
export const LEAST_LOAD_MS = 10;

/** @param maxLoadMs the longest time between two faults */
export const drawRound = (
  draw: Draw,
  faults: ReadonlySet<Fault>,
  maxLoadMs: number,
  isFirst: boolean,
): Round => {
  const killAtStart = oneIn(draw, KILL_AT_START_ONE_IN);
  const killAtStartMs = draw(0, LONGEST_START_MS);
  const load = (): Step => ({ kind: 'load', forMs: draw(LEAST_LOAD_MS, maxLoadMs) });
  const stops = Array.from({ length: draw(0, MAX_STOPS) }, () => drawStop(draw));
  // However few rounds there are, the disk is full in one of them.
  const full = oneIn(draw, FULL_ONE_IN) || isFirst ? [drawFull(draw)] : [];
  const done = [...(faults.has('stop') ? stops : []), ...(faults.has('full') ? full : [])];
  const end = oneIn(draw, TERM_ONE_IN) || !faults.has('kill') ? 'term' : 'kill';
  const steps = [load(), ...done.flatMap((step) => [step, load()])];
  return killAtStart && !isFirst && faults.has('kill')
    ? { killAtStartMs, steps: [], end: 'kill' }
    : { steps, end };
};
