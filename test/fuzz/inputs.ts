/**
 * Inputs, run one after the other in this thread, with what each took.
 *
 * Time is told by the thread that watches (`watched.ts`): an input that does not end tells nothing.
 */
import { getHeapStatistics } from 'node:v8';
import { StratalogError } from '../../lib/model/errors.ts';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { chanceOf } from './chance.ts';
import { frozen } from './frozen.ts';
import { DEFAULT_MEMORY_BYTES, type Target } from './target.ts';

/** What is wrong with an input. */
export interface Fault {
  readonly kind: 'crash' | 'hang' | 'memory';
  /** Of two inputs with one signature the second tells nothing new. */
  readonly signature: string;
  /** For people: message and stack, or the figures. */
  readonly detail: string;
}

export type Verdict = { readonly outcome: string } | { readonly fault: Fault };

export interface Fallen {
  readonly index: number;
  readonly fault: Fault;
  readonly input: string;
}

/** What became of the inputs `from` to `next` − 1. */
export interface Tally {
  readonly from: number;
  readonly next: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly slowestMs: number;
  readonly slowestIndex: number;
  readonly fallen: readonly Fallen[];
}

const KiB = 1024;

/** What the process has taken from the system at the most, and what this thread holds outside its heap. */
const memory = (): { readonly peakBytes: number; readonly outsideBytes: number } => ({
  peakBytes: process.resourceUsage().maxRSS * KiB,
  outsideBytes: getHeapStatistics().external_memory,
});

/** The first line that is ours, without its column. */
const placeOf = (error: Error): string =>
  error.stack
    ?.split('\n')
    .find((line) => /\/(lib|test|functions)\//.test(line))
    ?.replace(/^.*\/((?:lib|test|functions)\/[^:]+):(\d+):\d+\)?$/, '$1:$2') ?? '';

/** Numbers and quoted text differ from input to input; what is wrong does not. */
const kindOf = (message: string): string =>
  (message.split('\n')[0] ?? '').replaceAll(/"[^"]*"|\d+/g, '…').slice(0, 120);

/** What was thrown, as a fault; a StratalogError of a code that is allowed is none. */
const faultOf = (thrown: unknown, allowed: readonly string[]): Verdict => {
  if (thrown instanceof StratalogError && allowed.includes(thrown.code)) {
    return { outcome: thrown.code };
  }
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const name = error instanceof StratalogError ? `${error.name} ${error.code}` : error.name;
  return {
    fault: {
      kind: 'crash',
      signature: `${name}: ${kindOf(error.message)} (${placeOf(error)})`,
      detail: error.stack ?? error.message,
    },
  };
};

/** Runs one input. */
export const judge = async (target: Target, input: unknown): Promise<Verdict> => {
  const { allowed, memoryBytes = DEFAULT_MEMORY_BYTES } = target;
  const before = memory();
  let verdict: Verdict;
  try {
    verdict = { outcome: await target.run(input) };
  } catch (thrown) {
    verdict = faultOf(thrown, allowed);
  }
  const after = memory();
  const tookBytes = Math.max(
    after.peakBytes - before.peakBytes,
    after.outsideBytes - before.outsideBytes,
  );
  if (tookBytes <= memoryBytes || 'fault' in verdict) return verdict;
  const detail = `it took ${tookBytes} bytes of memory; ${memoryBytes} are allowed (${verdict.outcome})`;
  return { fault: { kind: 'memory', signature: `memory: ${verdict.outcome}`, detail } };
};

/** Runs inputs from `from` on, until `to` or until `forMs` are over; `begun` is told of each before it is made. */
export const runInputs = async (
  target: Target,
  { seed, from, to, forMs }: { seed: number; from: number; to: number; forMs: number },
  begun: (index: number) => void,
): Promise<Tally> => {
  const outcomes: Record<string, number> = {};
  const fallen: Fallen[] = [];
  let [slowestMs, slowestIndex] = [0, from];
  const startedMs = systemRuntime.monotonicMs();
  let beganMs = startedMs;
  let index = from;
  while (index < to && beganMs - startedMs < forMs) {
    begun(index);
    const input = target.make(chanceOf(seed, index));
    const verdict = await judge(target, input);
    if ('fault' in verdict) fallen.push({ index, fault: verdict.fault, input: frozen(input) });
    const outcome = 'fault' in verdict ? `FINDING (${verdict.fault.kind})` : verdict.outcome;
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    const nowMs = systemRuntime.monotonicMs();
    if (nowMs - beganMs > slowestMs) [slowestMs, slowestIndex] = [nowMs - beganMs, index];
    beganMs = nowMs;
    index++;
  }
  return { from, next: index, outcomes, slowestMs, slowestIndex, fallen };
};
