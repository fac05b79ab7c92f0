/** What a body of batches asks for: one share per partition, however often its frames come. */
import * as z from 'zod';
import type { ProducePartition } from '../broker/api.ts';
import { StratalogError } from '../model/errors.ts';
import { MAX_PARTITIONS_PER_TOPIC } from '../model/limits.ts';
import { decodeFrames, type Frame } from '../record/frames.ts';
import type { Placement } from './placement.ts';
import { objectError, wholeNumber } from './schemas/text.ts';
import { parse } from './validate.ts';

/** What a frame of a produce request may say besides its partition. */
const frameMeta = z.strictObject(
  { expectedEnd: wholeNumber(0, Number.MAX_SAFE_INTEGER).optional() },
  objectError('an object such as {"expectedEnd": 5}'),
);

/** An append at an expected end is one share and all of it: pieces would not be. */
const expectedEndOf = (frames: readonly Frame[]): number | undefined => {
  const ends = frames.map(
    ({ partition, meta = {} }) =>
      parse(frameMeta, meta, `The meta of the frame of partition ${partition}`).expectedEnd,
  );
  if (frames.length > 1 && ends.some((end) => end !== undefined)) {
    throw new StratalogError(
      'INVALID_REQUEST',
      `Partition ${frames[0]!.partition} comes in ${frames.length} frames and one of them has an expectedEnd; put all its batches into that frame.`,
      { context: { field: 'expectedEnd' } },
    );
  }
  return ends[0];
};

const framedShares = (body: Uint8Array): readonly ProducePartition[] => {
  const byPartition = new Map<number, Frame[]>();
  for (const frame of decodeFrames(body)) {
    const frames = byPartition.get(frame.partition);
    if (frames === undefined) byPartition.set(frame.partition, [frame]);
    else frames.push(frame);
  }
  if (byPartition.size > MAX_PARTITIONS_PER_TOPIC) {
    throw new StratalogError(
      'INVALID_REQUEST',
      `The body has frames for ${byPartition.size} partitions; a topic has at most ${MAX_PARTITIONS_PER_TOPIC}.`,
    );
  }
  return [...byPartition].map(([partition, frames]) => {
    const expectedEnd = expectedEndOf(frames);
    const pieces = frames.map(({ batches }) => batches);
    return {
      partition,
      batches: pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces),
      ...(expectedEnd === undefined ? {} : { expectedEnd }),
    };
  });
};

/**
 * The shares of a body: frames, or bare batches where the query names their partition.
 * @throws INVALID_REQUEST
 */
export const sharesOf = (
  body: Uint8Array,
  { partition, expectedEnd, producer }: Placement,
): readonly ProducePartition[] => {
  if (producer !== undefined) {
    throw new StratalogError(
      'INVALID_REQUEST',
      'producerId, producerEpoch and baseSequence go with JSON; a record batch names its producer itself.',
      { context: { field: 'producerId' } },
    );
  }
  const shares =
    partition === undefined
      ? framedShares(body)
      : [{ partition, batches: body, ...(expectedEnd === undefined ? {} : { expectedEnd }) }];
  if (shares.length > 0) return shares;
  throw new StratalogError('INVALID_REQUEST', 'The body is empty; send at least one batch.');
};
