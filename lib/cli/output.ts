/** Standard output that waits for its reader, and ends quietly when the reader has gone (`| head`). */

const CHUNK_BYTES = 64 * 1024;

export interface Output {
  /** Takes pieces of text or bytes. When it answers a promise, more must wait for that. */
  write(pieces: readonly (string | Uint8Array)[]): Promise<void> | undefined;
  /** Resolves when all of it is with the reader. */
  flush(): Promise<void>;
}

/** A reader that closes the pipe has seen enough: that is success. */
export const endQuietlyOnBrokenPipe = (): void => {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
      throw error;
    });
  }
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
  process.stdout.write(`${line}\n`);
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
