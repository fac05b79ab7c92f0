/**
 * A target: something that takes what strangers wrote, and what may become of it.
 */
import type { ErrorCode } from '../../lib/model/errors.ts';
import type { Chance } from './chance.ts';

/**
 * Inputs are plain data (numbers, strings, lists, objects, bytes), so that they can be kept in a file.
 *
 *   make ──► run ─┬─ an outcome, told by a few words       counted
 *                 ├─ a StratalogError of a known code      counted by it
 *                 └─ anything else that is thrown          a finding
 *                    too long, too much memory             findings too
 */
export interface Target<Input = unknown> {
  /** Of what a stranger's input may be answered with. */
  readonly allowed: readonly ErrorCode[];
  /** Memory that one input may take at a time, bytes; default `DEFAULT_MEMORY_BYTES`. */
  readonly memoryBytes?: number;
  /** The same numbers make the same input. */
  make(chance: Chance): Input;
  /** Runs it and holds it to what must be true; does not change it. @throws whatever the code at hand throws, AssertionError */
  run(input: Input): string | Promise<string>;
  /** Smaller inputs that may fail as well, the most different ones first. */
  smaller(input: Input): Iterable<Input>;
}

/** Far more than an input of a few kilobytes can need, far less than it can claim. */
export const DEFAULT_MEMORY_BYTES = 48 * 1024 * 1024;
