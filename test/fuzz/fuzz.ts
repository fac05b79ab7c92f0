/**
 * Fuzz: run a target's inputs, keep count, and make what was found small.
 *
 *   [0, n) in turns ──► thread ──► tally        a thread that was lost at k: [.., k) again, then from k + 1
 */
import { systemRuntime } from '../../lib/model/runtime.ts';
import { chanceOf } from './chance.ts';
import { frozen, thawed } from './frozen.ts';
import type { Fault, Tally } from './inputs.ts';
import { smallest } from './smaller.ts';
import { type TargetName, targetNamed } from './targets.ts';
import { isLost, type Watched, watched } from './watched.ts';

export interface FuzzOptions {
  readonly target: TargetName;
  readonly seed: number;
  readonly runs: number;
  /** Ends earlier, ms. */
  readonly forMs?: number;
  /** The longest that an input may take, ms. */
  readonly limitMs: number;
  /** Told now and then, with the share of the work that is done. */
  readonly progress?: (share: number, inputs: number) => void;
  /** An own one, to be used again and closed by the caller. */
  readonly thread?: Watched;
}

export interface Finding {
  readonly target: string;
  readonly seed: number;
  readonly index: number;
  /** How many inputs of the run were alike. */
  times: number;
  readonly fault: Fault;
  /** The input at `index`, frozen. */
  readonly input: string;
  /** The smallest that fails alike, frozen. */
  readonly smallest: string;
}

/** Held by the thread after a collection, and resident of the process, bytes. */
export interface MemoryMark {
  readonly share: number;
  readonly inputs: number;
  readonly heapBytes: number;
  readonly residentBytes: number;
  /** Which thread: one that was lost took what it held with it. */
  readonly thread: number;
}

export interface Report {
  readonly target: string;
  readonly seed: number;
  readonly inputs: number;
  readonly seconds: number;
  readonly inputsPerSecond: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly slowestMs: number;
  readonly slowestIndex: number;
  readonly memory: readonly MemoryMark[];
  /** What is held more at the end than when all was warm; 0 where that is within what varies. */
  readonly grownBytes: number;
  readonly findings: readonly Finding[];
}

/** Whether nothing was found, and nothing is kept from one input to the next. */
export const isClean = ({ findings, grownBytes }: Report): boolean =>
  findings.length === 0 && grownBytes === 0;

/** How long the thread works before it tells, ms. */
const TURN_MS = 250;
/** When memory is looked at; the first look comes when code is loaded and warm. */
const MARKS = [0.01, 0.1, 0.5, 1] as const;
const WARM_SHARE = 0.1;
/** Warm heaps of some 25 MiB were seen to vary by 8. */
const VARIES_BYTES = 32 * 1024 * 1024;
/** So many different ones end the run. */
const MAX_FINDINGS = 10;
/** An input that seems to hang is given so many times the limit, alone. */
const SECOND_PATIENCE = 5;
const SLOW = 'slow, and done on its own';
/** A target that hangs again and again tells nothing new. */
const MAX_HANGS = 2;

/** What no collection gives back, and no loss of a thread. */
export const growthOf = (marks: readonly MemoryMark[]): number => {
  const last = marks.at(-1);
  const warm = marks.find(({ share, thread }) => share >= WARM_SHARE && thread === last?.thread);
  const grownBytes = (last?.heapBytes ?? 0) - (warm?.heapBytes ?? 0);
  return grownBytes > VARIES_BYTES ? grownBytes : 0;
};

/** Runs the inputs `0` to `runs` − 1 of the seed, or as many as there is time for. */
export const fuzz = async (options: FuzzOptions): Promise<Report> => {
  const { target: name, seed, runs, forMs = Infinity, limitMs, progress } = options;
  const thread = options.thread ?? watched(limitMs);
  const target = await targetNamed(name);
  const startedMs = systemRuntime.monotonicMs();
  const elapsedMs = (): number => systemRuntime.monotonicMs() - startedMs;
  const outcomes: Record<string, number> = {};
  const findings = new Map<string, Finding>();
  const memory: MemoryMark[] = [];
  let [inputs, next, slowestMs, slowestIndex, hangs, lost] = [0, 0, 0, 0, 0, 0];
  let shrinkingMs = 0;
  /** The thread is lost at these: they are passed over. */
  const holes: number[] = [];

  const count = (tally: Tally): void => {
    for (const [outcome, times] of Object.entries(tally.outcomes)) {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + times;
    }
    inputs += tally.next - tally.from;
    if (tally.slowestMs > slowestMs) {
      [slowestMs, slowestIndex] = [tally.slowestMs, tally.slowestIndex];
    }
  };

  const note = async (index: number, fault: Fault, input: string): Promise<void> => {
    const known = findings.get(fault.signature);
    if (known !== undefined) {
      known.times++;
      return;
    }
    const beganMs = systemRuntime.monotonicMs();
    const fails = async (candidate: string): Promise<boolean> => {
      const patience = fault.kind === 'hang' ? 1 : SECOND_PATIENCE;
      const verdict = await thread.ask({ kind: 'one', target: name, input: candidate }, patience);
      if (isLost(verdict)) return verdict.fault.signature === fault.signature;
      return 'fault' in verdict && verdict.fault.signature === fault.signature;
    };
    const small = frozen(await smallest(target, thawed(input), fault.kind, fails));
    shrinkingMs += systemRuntime.monotonicMs() - beganMs;
    findings.set(fault.signature, {
      ...{ target: name, seed, index, times: 1, fault, input },
      smallest: small,
    });
  };

  const add = (outcome: string): void => {
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  };

  /** What is wrong with the input at which the thread was lost; undefined: the machine was busy elsewhere. */
  const secondLook = async (input: string, fault: Fault): Promise<Fault | undefined> => {
    if (fault.kind !== 'hang') return fault;
    const patience = findings.has(fault.signature) ? 1 : SECOND_PATIENCE;
    const verdict = await thread.ask({ kind: 'one', target: name, input }, patience);
    return isLost(verdict) || 'fault' in verdict ? verdict.fault : undefined;
  };

  const mark = async (share: number): Promise<void> => {
    const heapBytes = await thread.ask({ kind: 'heap' });
    if (isLost(heapBytes)) return;
    memory.push({
      ...{ share, inputs, heapBytes, residentBytes: process.memoryUsage.rss(), thread: lost },
    });
  };

  try {
    while (next < runs && elapsedMs() < forMs) {
      const to = holes[0] ?? runs;
      const turnMs = Math.min(TURN_MS, forMs - elapsedMs());
      if (next === to) {
        next++;
        holes.shift();
        continue;
      }
      const answer = await thread.ask({
        ...{ kind: 'inputs' as const, target: name, seed, from: next, to },
        forMs: holes.length === 0 ? turnMs : Infinity,
      });
      if (isLost(answer)) {
        const { lostAt, fault } = answer;
        inputs++;
        lost++;
        holes.push(lostAt);
        const input = frozen(target.make(chanceOf(seed, lostAt)));
        const real = await secondLook(input, fault);
        add(real === undefined ? SLOW : `FINDING (${real.kind})`);
        if (real === undefined) continue;
        await note(lostAt, real, input);
        if (real.kind === 'hang' && ++hangs === MAX_HANGS) break;
        continue;
      }
      count(answer);
      next = answer.next;
      for (const { index, fault, input } of answer.fallen) {
        await note(index, fault, input);
        if (findings.size === MAX_FINDINGS) break;
      }
      if (findings.size === MAX_FINDINGS) break;
      const share = Math.max(next / runs, elapsedMs() / forMs);
      while (memory.length < MARKS.length - 1 && share >= MARKS[memory.length]!) {
        await mark(MARKS[memory.length]!);
      }
      progress?.(Math.min(share, 1), inputs);
    }
    await mark(1);
  } finally {
    if (options.thread === undefined) await thread.close();
  }
  const seconds = (elapsedMs() - shrinkingMs) / 1000;
  return {
    ...{ target: name, seed, inputs, seconds, inputsPerSecond: Math.round(inputs / seconds) },
    ...{ outcomes, slowestMs, slowestIndex, memory, grownBytes: growthOf(memory) },
    findings: [...findings.values()],
  };
};
