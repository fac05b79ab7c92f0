/**
 * Variable-length integers: seven bits a byte, least significant first, the high bit says that more follow.
 *
 *   300 = 0b10_0101100  →  10101100 00000010
 *
 * Signed ones are zigzag encoded first (0, −1, 1, −2 → 0, 1, 2, 3), so that small negative numbers stay
 * small. Records use signed varints and varlongs (https://kafka.apache.org/documentation/#record), the
 * flexible versions of the protocol unsigned ones (KIP-482).
 *
 * Sizes and encodings only; `Reader` and `Writer` move through bytes with them.
 */

export const MAX_VARINT_BYTES = 5;
export const MAX_VARLONG_BYTES = 10;

export const zigzag = (value: number): number => ((value << 1) ^ (value >> 31)) >>> 0;

export const unzigzag = (value: number): number => (value >>> 1) ^ -(value & 1);

export const zigzagLong = (value: number): bigint =>
  BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n));

export const unzigzagLong = (value: bigint): bigint => (value >> 1n) ^ -(value & 1n);

/** Bytes of an unsigned varint of a value from 0 to 2³²−1. */
export const sizeOfUnsignedVarint = (value: number): number =>
  value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5;

/** Bytes of a zigzag varint of an int32. */
export const sizeOfVarint = (value: number): number => sizeOfUnsignedVarint(zigzag(value));

/** Whether a varlong of this value is the same bytes as a varint of it. */
export const isInt32 = (value: number): boolean => (value | 0) === value;

/** Bytes of a zigzag varlong of a safe integer. */
export const sizeOfVarlong = (value: number): number => {
  if (isInt32(value)) return sizeOfVarint(value);
  let size = 1;
  for (let rest = zigzagLong(value) >> 7n; rest > 0n; rest >>= 7n) size++;
  return size;
};
