/** How a command ends when it fails: a sentence or two on standard error, and a telling exit code. */
import { asStratalogError, StratalogError } from '../model/errors.ts';
import { EXIT_CODES } from './exit-codes.ts';

const asSentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/**
 * Prints the error and sets the exit code. Only what nobody foresaw shows a stack, and only when asked to.
 * @param changes whether the command asks the service for one change, which may have happened all the same
 */
export const fail = (caught: unknown, json: boolean, changes = false): void => {
  const error = asStratalogError(caught);
  process.exitCode = EXIT_CODES[error.code];
  if (json) {
    const { code, message, retriable, effect, context } = error;
    process.stderr.write(`${JSON.stringify({ code, message, retriable, effect, context })}\n`);
    return;
  }
  const isOurs = caught instanceof StratalogError;
  const doubt =
    changes && isOurs && error.effect === 'unknown'
      ? ' It is not known whether it took effect.'
      : '';
  process.stderr.write(`stratalog: ${asSentence(error.message)}${doubt}\n`);
  if (!isOurs && process.env.STRATALOG_DEBUG) console.error(caught);
};

/** Runs a command's work; commander has parsed its options. */
export const run =
  <Arguments extends readonly unknown[]>(
    isJson: (...args: Arguments) => boolean,
    work: (...args: Arguments) => Promise<void>,
    { changes = false }: { readonly changes?: boolean } = {},
  ) =>
  async (...args: Arguments): Promise<void> => {
    try {
      await work(...args);
    } catch (caught) {
      fail(caught, isJson(...args), changes);
    }
  };
