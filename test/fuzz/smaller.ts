/**
 * Smaller: what a failing input may be made of, and the search for the smallest that fails alike.
 */
import { frozen } from './frozen.ts';
import type { Target } from './target.ts';

/** `bytes` without a piece, or with a piece set to zero; large pieces first. */
export function* smallerBytes(bytes: Uint8Array): Generator<Uint8Array> {
  for (let size = bytes.length; size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at + size <= bytes.length; at += size) {
      yield new Uint8Array(Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + size)]));
    }
  }
  for (let size = bytes.length; size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at + size <= bytes.length; at += size) {
      if (bytes.subarray(at, at + size).every((byte) => byte === 0)) continue;
      const zeroed = new Uint8Array(bytes);
      zeroed.fill(0, at, at + size);
      yield zeroed;
    }
  }
}

/** `list` without a piece, large pieces first; never an empty one. */
export function* smallerList<T>(list: readonly T[]): Generator<readonly T[]> {
  for (let size = list.length - 1; size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < list.length; at += size) {
      const left = list.toSpliced(at, size);
      if (left.length > 0) yield left;
    }
  }
}

/** Tries that a search may take; each may last as long as a hang. */
const MAX_TRIES = { crash: 3_000, memory: 100, hang: 12 } as const;

/** The smallest input found by stepping from smaller to smaller, as long as `fails` says that it still fails alike. */
export const smallest = async (
  target: Target,
  input: unknown,
  kind: keyof typeof MAX_TRIES,
  fails: (input: string) => Promise<boolean>,
): Promise<unknown> => {
  let best = input;
  let tries = 0;
  const step = async (): Promise<boolean> => {
    for (const candidate of target.smaller(best)) {
      if (++tries > MAX_TRIES[kind]) return false;
      if (!(await fails(frozen(candidate)))) continue;
      best = candidate;
      return true;
    }
    return false;
  };
  while (await step());
  return best;
};
