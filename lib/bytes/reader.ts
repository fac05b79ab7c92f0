/**
 * A cursor over bytes that never reads beyond their end, whatever they claim.
 *
 * It throws `BadBytes`, which knows the position and nothing of the meaning; whoever knows what was
 * being read turns it into an error for people.
 */
import { getInt16, getInt32, getInt64 } from './integers.ts';
import { MAX_VARINT_BYTES, MAX_VARLONG_BYTES, unzigzag, unzigzagLong } from './varint.ts';

/** The bytes end too early, or are no such number. `position` counts from the reader's first byte. */
export class BadBytes extends Error {
  override readonly name = 'BadBytes';
  readonly position: number;

  constructor(position: number, problem: string) {
    super(`at byte ${position}: ${problem}`);
    this.position = position;
  }
}

export class Reader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Of the next byte, from the first one. */
  get position(): number {
    return this.#position;
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  int8(): number {
    return (this.#bytes[this.#advance(1)]! << 24) >> 24;
  }

  int16(): number {
    return getInt16(this.#bytes, this.#advance(2));
  }

  int32(): number {
    return getInt32(this.#bytes, this.#advance(4));
  }

  /** @throws BadBytes beyond ±2⁵³ too. */
  int64(): number {
    const at = this.#advance(8);
    const value = getInt64(this.#bytes, at);
    if (!Number.isSafeInteger(value)) throw new BadBytes(at, 'an int64 beyond ±2^53');
    return value;
  }

  /** From 0 to 2³²−1. */
  unsignedVarint(): number {
    const bytes = this.#bytes;
    const start = this.#position;
    const first = bytes[start];
    if (first !== undefined && first < 0x80) {
      this.#position = start + 1;
      return first;
    }
    let value = 0;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = bytes[start + i];
      if (byte === undefined) throw new BadBytes(start, 'a varint that ends too early');
      value |= (byte & 0x7f) << (7 * i);
      if (byte < 0x80) {
        if (i === MAX_VARINT_BYTES - 1 && byte > 0x0f) break;
        this.#position = start + i + 1;
        return value >>> 0;
      }
    }
    throw new BadBytes(start, 'a varint of more than 32 bits');
  }

  /** An int32, zigzag encoded. */
  varint(): number {
    return unzigzag(this.unsignedVarint());
  }

  /** An int64, zigzag encoded. @throws BadBytes beyond ±2⁵³ too. */
  varlong(): number {
    const bytes = this.#bytes;
    const start = this.#position;
    let low = 0;
    let length = 0;
    // Four bytes carry 28 bits: the timestamp deltas of three days and a half. Beyond them, bigint.
    for (; length < 4; length++) {
      const byte = bytes[start + length];
      if (byte === undefined) throw new BadBytes(start, 'a varlong that ends too early');
      low |= (byte & 0x7f) << (7 * length);
      if (byte < 0x80) {
        this.#position = start + length + 1;
        return unzigzag(low);
      }
    }
    let value = BigInt(low);
    for (; length < MAX_VARLONG_BYTES; length++) {
      const byte = bytes[start + length];
      if (byte === undefined) throw new BadBytes(start, 'a varlong that ends too early');
      value |= BigInt(byte & 0x7f) << BigInt(7 * length);
      if (byte < 0x80) {
        if (length === MAX_VARLONG_BYTES - 1 && byte > 1) break;
        const signed = Number(unzigzagLong(value));
        if (!Number.isSafeInteger(signed)) throw new BadBytes(start, 'a varlong beyond ±2^53');
        this.#position = start + length + 1;
        return signed;
      }
    }
    throw new BadBytes(start, 'a varlong of more than 64 bits');
  }

  /** The next `length` bytes, not copied. A negative length is refused like one that is too long. */
  bytes(length: number): Uint8Array {
    const at = this.#advance(length);
    return this.#bytes.subarray(at, at + length);
  }

  #advance(length: number): number {
    const at = this.#position;
    if (length < 0 || length > this.#bytes.length - at) {
      throw new BadBytes(at, `${length} bytes wanted, ${this.#bytes.length - at} left`);
    }
    this.#position = at + length;
    return at;
  }
}
