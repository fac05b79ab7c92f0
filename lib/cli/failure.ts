/** How a command ends when it fails: a sentence or two on standard error, and a telling exit code. */
import { Command } from 'commander';
import { asStratalogError, type Effect, StratalogError } from '../model/errors.ts';
import { EXIT_CODES } from './exit-codes.ts';

/**
 * What a command asks of the service.
 *
 *   nothing    it only reads: whatever fails, nothing has changed
 *   one        one change, which may have happened although the command failed
 *   told       changes whose fate the error tells itself
 */
export type Changes = 'nothing' | 'one' | 'told';

const asSentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** Whether something may have changed: an error that nobody foresaw knows nothing about it. */
const effectOf = (error: StratalogError, isForeseen: boolean, changes: Changes): Effect =>
  changes === 'nothing' ? 'none' : isForeseen ? error.effect : 'unknown';

/** What a program is told of an error. */
export const errorJson = ({ code, message, retriable, effect, context }: StratalogError) => ({
  code,
  message,
  retriable,
  effect,
  context,
});

/** Prints the error and sets the exit code. Only what nobody foresaw shows a stack, and only when asked to. */
export const fail = (caught: unknown, json: boolean, changes: Changes): void => {
  const error = asStratalogError(caught);
  const isForeseen = caught instanceof StratalogError;
  const effect = effectOf(error, isForeseen, changes);
  process.exitCode = EXIT_CODES[error.code];
  if (json) {
    tellJson({ ...errorJson(error), effect });
  } else {
    const doubt =
      changes === 'one' && effect === 'unknown' ? ' It is not known whether it took effect.' : '';
    process.stderr.write(`stratalog: ${asSentence(error.message)}${doubt}\n`);
  }
  if (!isForeseen && process.env.STRATALOG_DEBUG) console.error(caught);
};

/** What a changing command asks before it changes anything: its failure had no effect, whatever it was. */
export const reading = async <T>(call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (caught) {
    const { code, message, context } = asStratalogError(caught);
    throw new StratalogError(code, message, { context, cause: caught });
  }
};

/** An error for programs: one line of JSON on standard error. */
export const tellJson = (error: Readonly<Record<string, unknown>>): void => {
  process.stderr.write(`${JSON.stringify(error)}\n`);
};

/** Whether the options, as commander hands them to an action, ask for JSON. */
const wantsJson = (args: readonly unknown[]): boolean => {
  const command = args.at(-1);
  return command instanceof Command && command.opts().json === true;
};

/** Runs a command's work; commander has parsed its arguments and options. */
export const run =
  <Arguments extends readonly unknown[]>(
    work: (...args: Arguments) => Promise<void>,
    changes: Changes = 'nothing',
  ) =>
  async (...args: Arguments): Promise<void> => {
    try {
      await work(...args);
    } catch (caught) {
      fail(caught, wantsJson(args), changes);
    }
  };
