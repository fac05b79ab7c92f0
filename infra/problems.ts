/**
 * Collects what is wrong, so that it is told at once: whoever mends one thing after the other waits for
 * a synth each time.
 */
import { Duration } from 'aws-cdk-lib';

/** What is wrong with values that have names. */
export interface Problems {
  /** Notes that `value` is not legal under this name. */
  add(name: string, value: unknown, legal: string): void;
  /** Notes it unless it holds. */
  require(holds: boolean, name: string, value: unknown, legal: string): void;
  /** Notes it in words of its own. */
  say(line: string): void;
  /** @throws when something was noted */
  throwIfAny(what: string): void;
}

const shown = (value: unknown): string => {
  if (value instanceof Duration) return value.toHumanString();
  return typeof value === 'string' || Array.isArray(value) ? JSON.stringify(value) : String(value);
};

/** Notes problems until they are thrown. */
export const collectProblems = (): Problems => {
  const lines: string[] = [];
  const say = (line: string): void => {
    lines.push(`  ${line}`);
  };
  const add = (name: string, value: unknown, legal: string): void => {
    say(`${name} is ${shown(value)}; ${legal}`);
  };
  return {
    say,
    add,
    require: (holds, name, value, legal) => {
      if (!holds) add(name, value, legal);
    },
    throwIfAny: (what) => {
      if (lines.length === 0) return;
      const count = lines.length === 1 ? '1 setting' : `${lines.length} settings`;
      throw new Error(`${what} cannot work with ${count}:\n${lines.join('\n')}`);
    },
  };
};
