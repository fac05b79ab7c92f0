/**
 * Bytes that grow at their end. One allocation doubles when it is full; `finish` hands it out uncopied.
 */
import { setInt16, setInt32, setInt64 } from './integers.ts';
import { unsetBytes } from './unset.ts';
import { writeUtf8 } from './utf8.ts';
import { isInt32, MAX_VARINT_BYTES, MAX_VARLONG_BYTES, zigzag, zigzagLong } from './varint.ts';

/** Below this length a loop beats the call into the engine's copy. */
const SHORT_COPY_BYTES = 24;

export class Writer {
  #buffer: Uint8Array<ArrayBuffer>;
  #length = 0;

  /** `capacityBytes`: what to allocate at first; a good guess saves the copies of growing. */
  constructor(capacityBytes = 1024) {
    this.#buffer = unsetBytes(capacityBytes);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  int8(value: number): void {
    this.#buffer[this.#advance(1)] = value;
  }

  int16(value: number): void {
    const at = this.#advance(2);
    setInt16(this.#buffer, at, value);
  }

  int32(value: number): void {
    const at = this.#advance(4);
    setInt32(this.#buffer, at, value);
  }

  /** `value` is a safe integer. */
  int64(value: number): void {
    const at = this.#advance(8);
    setInt64(this.#buffer, at, value);
  }

  /** `value` is from 0 to 2³²−1. */
  unsignedVarint(value: number): void {
    this.#reserve(MAX_VARINT_BYTES);
    const buffer = this.#buffer;
    let at = this.#length;
    let rest = value;
    while (rest > 0x7f) {
      buffer[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    buffer[at++] = rest;
    this.#length = at;
  }

  /** An int32, zigzag encoded. */
  varint(value: number): void {
    this.unsignedVarint(zigzag(value));
  }

  /** A safe integer as an int64, zigzag encoded. */
  varlong(value: number): void {
    if (isInt32(value)) {
      this.varint(value);
      return;
    }
    this.#reserve(MAX_VARLONG_BYTES);
    let rest = zigzagLong(value);
    while (rest > 0x7fn) {
      this.#buffer[this.#length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#buffer[this.#length++] = Number(rest);
  }

  /** Copies `bytes`. */
  bytes(bytes: Uint8Array): void {
    const length = bytes.length;
    const at = this.#advance(length);
    const buffer = this.#buffer;
    if (length > SHORT_COPY_BYTES) {
      buffer.set(bytes, at);
    } else {
      for (let i = 0; i < length; i++) buffer[at + i] = bytes[i]!;
    }
  }

  /** UTF-8, of which the caller has told the length (`utf8Length`). */
  utf8(text: string, byteLength: number): void {
    const at = this.#advance(byteLength);
    writeUtf8(this.#buffer, at, text, byteLength);
  }

  /** What was written. The writer must not be used afterwards. */
  finish(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  #advance(length: number): number {
    this.#reserve(length);
    const at = this.#length;
    this.#length = at + length;
    return at;
  }

  #reserve(length: number): void {
    const needed = this.#length + length;
    if (needed <= this.#buffer.length) return;
    const grown = unsetBytes(Math.max(needed, this.#buffer.length * 2));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }
}
