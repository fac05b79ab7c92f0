/**
 * Big-endian integers at a position of a byte array: Kafka's byte order, without a DataView per array.
 *
 * The caller has checked that the bytes are there; these run once per field on the append path.
 * 64-bit values are numbers here (see `lib/model/ids.ts`). What lies beyond ±2⁵³ comes out rounded
 * and is no safe integer, so that `Number.isSafeInteger` is the caller's test.
 */

const TWO_TO_32 = 0x1_0000_0000;

export const getInt16 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) >> 16) | bytes[at + 1]!;

export const getInt32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;

export const getUint32 = (bytes: Uint8Array, at: number): number => getInt32(bytes, at) >>> 0;

/** A safe integer, or a rounded one beyond ±2⁵³ for which `Number.isSafeInteger` is false. */
export const getInt64 = (bytes: Uint8Array, at: number): number =>
  getInt32(bytes, at) * TWO_TO_32 + getUint32(bytes, at + 4);

/** Takes signed and unsigned 16-bit values alike. */
export const setInt16 = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value >> 8;
  bytes[at + 1] = value;
};

/** Takes signed and unsigned 32-bit values alike. */
export const setInt32 = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value >> 24;
  bytes[at + 1] = value >> 16;
  bytes[at + 2] = value >> 8;
  bytes[at + 3] = value;
};

/** `value` is a safe integer. */
export const setInt64 = (bytes: Uint8Array, at: number, value: number): void => {
  setInt32(bytes, at, Math.floor(value / TWO_TO_32));
  setInt32(bytes, at + 4, value);
};
