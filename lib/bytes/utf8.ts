/**
 * Text to UTF-8 and back, without Node's Buffer.
 *
 * Most of it is short and ASCII (names of headers, keys), where a loop beats the call into the
 * platform's encoder. Half of a surrogate pair becomes U+FFFD, as everywhere; who must not have that
 * asks `isWellFormed` before.
 */

/** Below this length a loop beats the engine's coder. */
const SHORT_TEXT = 48;

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });
const STRICT_DECODER = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/** Bytes that `text` takes. */
export const utf8Length = (text: string): number => {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else if (unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      // Four bytes for two units.
      bytes += 2;
      i++;
    } else bytes += 2;
  }
  return bytes;
};

/** Short texts share an allocation; longer ones than this share of it get their own. */
const SLAB_BYTES = 64 * 1024;
const LARGEST_SHARE = 1 / 8;
const MAX_BYTES_PER_UNIT = 3;
let slab = new Uint8Array(0);
let slabUsed = 0;

/** The bytes of a text. */
export const encodeUtf8 = (text: string): Uint8Array => {
  const most = text.length * MAX_BYTES_PER_UNIT;
  if (most > SLAB_BYTES * LARGEST_SHARE) return ENCODER.encode(text);
  if (most > slab.length - slabUsed) {
    slab = new Uint8Array(SLAB_BYTES);
    slabUsed = 0;
  }
  const { written } = ENCODER.encodeInto(text, slab.subarray(slabUsed));
  const bytes = slab.subarray(slabUsed, slabUsed + written);
  slabUsed += written;
  return bytes;
};

/** Writes `text`, which takes `byteLength` bytes, at `at`; they must fit. */
export const writeUtf8 = (
  target: Uint8Array,
  at: number,
  text: string,
  byteLength: number,
): void => {
  if (byteLength === text.length && byteLength <= SHORT_TEXT) {
    for (let i = 0; i < byteLength; i++) target[at + i] = text.charCodeAt(i);
  } else {
    ENCODER.encodeInto(text, target.subarray(at, at + byteLength));
  }
};

/** The text; what is no UTF-8 in it becomes U+FFFD. A byte order mark stays. */
export const decodeUtf8 = (bytes: Uint8Array): string => {
  const { length } = bytes;
  if (length > SHORT_TEXT) return DECODER.decode(bytes);
  let text = '';
  for (let i = 0; i < length; i++) {
    const byte = bytes[i]!;
    if (byte >= 0x80) return DECODER.decode(bytes);
    text += String.fromCharCode(byte);
  }
  return text;
};

/** The text, or undefined when the bytes are no UTF-8. */
export const strictUtf8 = (bytes: Uint8Array): string | undefined => {
  try {
    return bytes.length > SHORT_TEXT ? STRICT_DECODER.decode(bytes) : shortStrict(bytes);
  } catch {
    return undefined;
  }
};

const shortStrict = (bytes: Uint8Array): string => {
  const text = decodeUtf8(bytes);
  return text.includes('\ufffd') ? STRICT_DECODER.decode(bytes) : text;
};
