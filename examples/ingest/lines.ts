/** Whole lines of a file that grows. */
import { open } from 'node:fs/promises';

const LINE_FEED = 0x0a;

export interface Line {
  /** Without its line feed. */
  readonly bytes: Uint8Array;
  /** Position in the file of the byte behind its line feed. */
  readonly after: number;
}

/**
 * The whole lines that begin at `position`, about `sizeBytes` of them; what has no line feed yet is
 * left for later.
 * @throws when the file is shorter than `position`, or a line longer than `sizeBytes`
 */
export const readLines = async (
  path: string,
  position: number,
  sizeBytes: number,
): Promise<readonly Line[]> => {
  await using file = await open(path);
  const { size } = await file.stat();
  if (size < position) {
    throw new Error(
      `${path} has ${size} bytes, and ${position} were shipped before: it was cut or replaced`,
    );
  }
  const { bytesRead, buffer } = await file.read(new Uint8Array(sizeBytes), 0, sizeBytes, position);
  const bytes = buffer.subarray(0, bytesRead);
  const lines: Line[] = [];
  for (let start = 0; ; ) {
    const end = bytes.indexOf(LINE_FEED, start);
    if (end < 0) break;
    lines.push({ bytes: bytes.subarray(start, end), after: position + end + 1 });
    start = end + 1;
  }
  if (lines.length === 0 && bytesRead === sizeBytes) {
    throw new Error(`${path} has a line of more than ${sizeBytes} bytes at ${position}`);
  }
  return lines;
};
