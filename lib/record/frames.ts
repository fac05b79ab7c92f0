/**
 * The body of `application/vnd.stratalog.batches` when it spans partitions: frames, one after the other.
 *
 *    0         4            8                            (big-endian)
 *    ┌─────────┬────────────┬─────────────┬───────┬─────────────────┐
 *    │partition│ metaLength │ meta        │ size  │ record batches  │   repeated to the end of the body
 *    │int32    │ int32      │ UTF-8 JSON  │ int32 │                 │
 *    └─────────┴────────────┴─────────────┴───────┴─────────────────┘
 *
 * Meta is a JSON object or nothing at all (metaLength 0); the batches may be nothing too. A partition
 * may come more than once.
 */
import { concatBytes } from '../bytes/concat.ts';
import { getInt32, setInt32 } from '../bytes/integers.ts';
import { encodeUtf8 } from '../bytes/utf8.ts';
import { StratalogError } from '../model/errors.ts';

export const BATCHES_MEDIA_TYPE = 'application/vnd.stratalog.batches';

export type FrameMeta = Readonly<Record<string, unknown>>;

export interface Frame {
  readonly partition: number;
  /** Absent where the frame has none. */
  readonly meta?: FrameMeta;
  /** Whole record batches, one after the other: a view of the body. */
  readonly batches: Uint8Array;
}

/** A frame to be written: its batches may lie in several places. */
export interface FrameInput extends Omit<Frame, 'batches'> {
  readonly batches: readonly Uint8Array[];
}

const FIXED_BYTES = 8;
const SIZE_BYTES = 4;

/** The body with these frames, each byte copied once. */
export const encodeFrames = (frames: readonly FrameInput[]): Uint8Array => {
  const pieces: Uint8Array[] = [];
  for (const { partition, meta, batches } of frames) {
    const json = encodeUtf8(meta === undefined ? '' : JSON.stringify(meta));
    const head = new Uint8Array(FIXED_BYTES + json.length + SIZE_BYTES);
    setInt32(head, 0, partition);
    setInt32(head, 4, json.length);
    head.set(json, FIXED_BYTES);
    const sizeBytes = batches.reduce((sum, batch) => sum + batch.length, 0);
    setInt32(head, FIXED_BYTES + json.length, sizeBytes);
    pieces.push(head, ...batches);
  }
  return concatBytes(pieces);
};

/**
 * The frames of a body; no length is used before it was checked. The batches are not looked at.
 * @throws INVALID_REQUEST naming the frame's index and the byte position
 */
export const decodeFrames = (body: Uint8Array): readonly Frame[] => {
  const frames: Frame[] = [];
  let at = 0;

  const fail = (problem: string): never => {
    throw new StratalogError(
      'INVALID_REQUEST',
      `Frame ${frames.length} of the body, at byte ${at}: ${problem}.`,
      { context: { frame: frames.length, position: at } },
    );
  };
  const take = (what: string, length: number): number => {
    const left = body.length - at;
    if (length < 0 || length > left) fail(`${what} takes ${length} bytes, ${left} are left`);
    const from = at;
    at += length;
    return from;
  };

  while (at < body.length) {
    const partition = getInt32(body, take('the partition', 4));
    if (partition < 0) fail(`the partition is ${partition}; it must be 0 or more`);
    const metaLength = getInt32(body, take('the length of meta', 4));
    const metaAt = take('meta', metaLength);
    const meta = metaLength === 0 ? undefined : parseMeta(body.subarray(metaAt, at));
    if (meta === null) return fail('meta is no JSON object');
    const size = getInt32(body, take('the size of the batches', 4));
    const batchesAt = take('the row of batches', size);
    const batches = body.subarray(batchesAt, at);
    frames.push(meta === undefined ? { partition, batches } : { partition, meta, batches });
  }
  return frames;
};

const parseMeta = (json: Uint8Array): FrameMeta | null => {
  try {
    const meta: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
    return typeof meta === 'object' && !Array.isArray(meta) ? (meta as FrameMeta | null) : null;
  } catch {
    return null;
  }
};
