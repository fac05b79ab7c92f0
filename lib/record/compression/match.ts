/**
 * Copying within the output, as both LZ4 and snappy ask for it: a match may overlap what it produces
 * (offset 1 and length 100 repeat one byte a hundred times).
 */

/** Below this length a loop beats the call into the engine's copy. */
const SHORT_COPY_BYTES = 32;

/** Appends `length` bytes at `at` that lie `offset` bytes back; the caller has checked both ends. */
export const copyMatch = (out: Uint8Array, at: number, offset: number, length: number): void => {
  const from = at - offset;
  if (length < SHORT_COPY_BYTES) {
    for (let i = 0; i < length; i++) out[at + i] = out[from + i]!;
    return;
  }
  // What lies between `from` and the end of the output repeats itself, so each copy may be twice as long.
  let done = 0;
  for (let run = offset; done < length; run *= 2) {
    const step = Math.min(run, length - done);
    out.copyWithin(at + done, from, from + step);
    done += step;
  }
};

/** Copies bytes [from, to) of `source` to `at`; the caller has checked that they fit. */
export const copyLiterals = (
  out: Uint8Array,
  at: number,
  source: Uint8Array,
  from: number,
  to: number,
): void => {
  if (to - from < SHORT_COPY_BYTES) {
    for (let i = from, j = at; i < to; i++, j++) out[j] = source[i]!;
  } else {
    out.set(source.subarray(from, to), at);
  }
};
