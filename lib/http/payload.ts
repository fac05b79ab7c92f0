/**
 * What fits a Lambda payload, measured as it travels: 6 MB of JSON each way, in which a body is a
 * string, escaped when it is text and base64 when it is not.
 */
import { invariant } from '../model/assert.ts';
import {
  LAMBDA_ENVELOPE_BYTES,
  MAX_BATCH_BYTES,
  MAX_DECODED_BODY_BYTES,
  MAX_FETCH_PARTITIONS,
  MAX_LAMBDA_PAYLOAD_BYTES,
} from '../model/limits.ts';

/** Room for the encoded body of a request or an answer. */
export const MAX_ENCODED_BODY_BYTES = MAX_LAMBDA_PAYLOAD_BYTES - LAMBDA_ENVELOPE_BYTES;

/** Bytes that fit as base64. */
export const MAX_BINARY_BODY_BYTES = Math.floor(MAX_ENCODED_BODY_BYTES / 4) * 3;

/** Room kept in an answer of frames for each: its numbers and the position or a brief problem. */
export const FRAME_BYTES = 384;

invariant(
  MAX_BATCH_BYTES + MAX_FETCH_PARTITIONS * FRAME_BYTES <= MAX_BINARY_BODY_BYTES,
  'every answer of batches can carry the largest one',
);
invariant(
  MAX_BINARY_BODY_BYTES <= MAX_DECODED_BODY_BYTES,
  'what may come plain may come encoded too',
);

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
/** Control characters that JSON writes as two bytes (`\n`); the others take six (`\u0001`). */
const SHORT_ESCAPES = new Set([0x08, 0x09, 0x0a, 0x0c, 0x0d]);

/** Bytes (UTF-8) that `text` takes inside a JSON string, its quotes not counted. */
export const escapedBytes = (text: string): number => {
  let bytes = text.length;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit === QUOTE || unit === BACKSLASH) bytes += 1;
    else if (unit < SPACE) bytes += SHORT_ESCAPES.has(unit) ? 1 : 5;
    else if (unit >= 0x80) {
      // Half of a surrogate pair stands for two of its four bytes.
      const isSurrogate = unit >= 0xd800 && unit <= 0xdfff;
      bytes += unit < 0x800 || isSurrogate ? 1 : 2;
    }
  }
  return bytes;
};

/** The most that one UTF-16 unit takes there: `\\u0001`. */
const MAX_UNIT_BYTES = 6;
/** The same in JSON, which has no control characters but line breaks and tabs: UTF-8, or a backslash in front. */
const MAX_JSON_UNIT_BYTES = 3;

/** Whether `text` takes at most `room` bytes inside a JSON string; counted only where its length leaves it open. */
export const fitsEscaped = (text: string, room: number, kind: 'any' | 'json' = 'any'): boolean => {
  const unitBytes = kind === 'json' ? MAX_JSON_UNIT_BYTES : MAX_UNIT_BYTES;
  return text.length <= room && (text.length * unitBytes <= room || escapedBytes(text) <= room);
};

/** Room in an answer, for one piece of JSON after the other with a comma behind each. */
export interface AnswerRoom {
  /** Takes the room of `json`, if there is as much. */
  take(json: string): boolean;
  /** Takes it whether or not there is. */
  charge(json: string): void;
}

/** @param sizeBytes encoded; pieces are counted exactly as soon as it matters, and no piece twice */
export const answerRoom = (sizeBytes: number): AnswerRoom => {
  let left = sizeBytes;
  /** Pieces that were taken and not counted, and what they take at most. */
  let uncounted: string[] = [];
  let atMost = 0;
  const count = (): void => {
    for (const json of uncounted) left -= escapedBytes(json) + 1;
    uncounted = [];
    atMost = 0;
  };
  return {
    take: (json) => {
      const bound = json.length * MAX_JSON_UNIT_BYTES + 1;
      if (atMost + bound > left) count();
      if (bound <= left) {
        atMost += bound;
        uncounted.push(json);
        return true;
      }
      const exact = escapedBytes(json) + 1;
      if (exact > left) return false;
      left -= exact;
      return true;
    },
    charge: (json) => {
      left -= escapedBytes(json) + 1;
    },
  };
};

/** Bytes that `size` bytes take as base64. */
export const base64Bytes = (size: number): number => Math.ceil(size / 3) * 4;
