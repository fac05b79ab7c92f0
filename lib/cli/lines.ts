/**
 * Lines of a stream of bytes, one chunk's worth at a time, in bounded memory.
 *
 * A line longer than the bound is not kept: it is told by its number with no bytes.
 */

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Without the newline; undefined: longer than the bound. */
  readonly bytes: Uint8Array | undefined;
}

const NEWLINE = 0x0a;

/** A last line without a newline counts; an empty rest does not. */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  maxLineBytes: number,
): AsyncGenerator<readonly Line[]> {
  let number = 0;
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let overlong = false;

  const hold = (piece: Uint8Array) => {
    if (overlong || piece.length === 0) return;
    heldBytes += piece.length;
    if (heldBytes > maxLineBytes) {
      overlong = true;
      held = [];
    } else held.push(piece);
  };
  const take = (): Line => {
    number += 1;
    const bytes = overlong ? undefined : held.length === 1 ? held[0] : Buffer.concat(held);
    held = [];
    heldBytes = 0;
    overlong = false;
    return { number, bytes };
  };

  for await (const chunk of chunks) {
    const lines: Line[] = [];
    let start = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, start)) {
      hold(chunk.subarray(start, at));
      lines.push(take());
      start = at + 1;
    }
    hold(chunk.subarray(start));
    if (lines.length > 0) yield lines;
  }
  if (heldBytes > 0) yield [take()];
}
