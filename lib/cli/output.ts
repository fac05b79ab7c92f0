/** Standard output that waits for its reader, and ends quietly when the reader has gone (`| head`). */
import { getSystemErrorMessage } from 'node:util';
import { UNEXPECTED } from './exit-codes.ts';

const CHUNK_BYTES = 64 * 1024;

export interface Output {
  /** Takes pieces of text or bytes. When it answers a promise, more must wait for that. */
  write(pieces: readonly (string | Uint8Array)[]): Promise<void> | undefined;
  /** Resolves when all of it is with the reader. */
  flush(): Promise<void>;
}

/** What `print` was given and nobody has yet. */
const untold = new Set<string>();

/**
 * A reader that closes the pipe has seen enough: that is success. Any other failure ends the process
 * with a sentence; what was to be printed (a summary of what was written, say) is told there as well.
 */
export const endOnFailedOutput = (): void => {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
    const { code, errno, message } = error;
    const reason = errno === undefined ? message : `${getSystemErrorMessage(errno)} (${code})`;
    process.stderr.write(`stratalog: Cannot write to standard output: ${reason}.\n`);
    for (const text of untold) process.stderr.write(text);
    process.exit(process.exitCode || UNEXPECTED);
  });
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? (process.exitCode ?? 0) : process.exitCode || UNEXPECTED);
  });
};

const send = (bytes: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
  });

/** Gathers pieces into chunks; a write per record would cost more than the record. */
export const standardOutput = (): Output => {
  let pieces: Buffer[] = [];
  let size = 0;
  const flush = async () => {
    if (size === 0) return;
    const chunk = Buffer.concat(pieces, size);
    pieces = [];
    size = 0;
    await send(chunk);
  };
  return {
    write: (added) => {
      for (const piece of added) {
        const bytes =
          typeof piece === 'string'
            ? Buffer.from(piece)
            : Buffer.from(piece.buffer, piece.byteOffset, piece.length);
        pieces.push(bytes);
        size += bytes.length;
      }
      return size >= CHUNK_BYTES ? flush() : undefined;
    },
    flush,
  };
};

/** Prints one line of text, or one JSON document. */
export const print = (line: string): void => {
  const text = `${line}\n`;
  untold.add(text);
  process.stdout.write(text, (error) => {
    if (!error) untold.delete(text);
  });
};

export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

/** Rows in columns, the first row being the head. */
export const table = (rows: readonly (readonly (string | number)[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => String(row[column] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          typeof cell === 'number'
            ? String(cell).padStart(widths[column] ?? 0)
            : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};
