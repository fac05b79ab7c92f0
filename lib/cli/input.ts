/** What `produce` reads: a file or standard input, chunk by chunk. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { StratalogError } from '../model/errors.ts';

/** What is read together is sent together: with less there are more requests than records are worth. */
const READ_BYTES = 256 * 1024;

export interface Input {
  /** What messages call it. */
  readonly name: string;
  /** Ends early, with an error, when `signal` aborts. */
  chunks(signal: AbortSignal): Readable;
  /** Undefined where nobody knows: a pipe. */
  readonly totalBytes: number | undefined;
  /** A person writes it in a terminal. */
  readonly isTyped: boolean;
}

/** Why reading failed, and what it is that cannot be read. */
export const unreadable = (name: string, error: NodeJS.ErrnoException): StratalogError =>
  new StratalogError('INVALID_REQUEST', `Cannot read ${name}: ${error.code ?? error.message}.`, {
    context: { input: name },
    cause: error,
  });

/** @throws INVALID_REQUEST when there is no such file, or it is a directory */
export const openInput = async (file: string | undefined): Promise<Input> => {
  if (file === undefined || file === '-') {
    return {
      name: 'standard input',
      chunks: (signal) => addAbortSignal(signal, process.stdin),
      totalBytes: undefined,
      isTyped: process.stdin.isTTY,
    };
  }
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(file, error);
  });
  if (found.isDirectory()) {
    throw new StratalogError('INVALID_REQUEST', `Cannot read ${file}: it is a directory.`);
  }
  return {
    name: file,
    chunks: (signal) => createReadStream(file, { highWaterMark: READ_BYTES, signal }),
    totalBytes: found.isFile() ? found.size : undefined,
    isTyped: false,
  };
};
