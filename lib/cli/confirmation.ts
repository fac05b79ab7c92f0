/** Asking a person before something is lost. */
import { createInterface } from 'node:readline';
import { StratalogError } from '../model/errors.ts';

/** Whether somebody can be asked: questions go to standard error, answers come from standard input. */
const hasPerson = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/**
 * Says what would happen and asks; only `y` and `yes` are yes. An input that ends, or Ctrl-C, is no.
 * @throws INVALID_REQUEST when there is nobody to ask
 */
export const confirmed = async (statement: string, question: string): Promise<boolean> => {
  if (!hasPerson()) {
    throw new StratalogError(
      'INVALID_REQUEST',
      `${statement} There is no terminal to ask in: give --yes if that is what you want.`,
    );
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await new Promise<string>((resolve) => {
    lines.once('close', () => {
      // The cursor is still behind the question.
      process.stderr.write('\n');
      resolve('');
    });
    lines.question(`${statement} ${question} [y/N] `, (text) => {
      lines.removeAllListeners('close');
      resolve(text);
    });
  });
  lines.close();
  return /^y(es)?$/i.test(answer.trim());
};
