/** An answer of frames always carries its first batch, however large and however many partitions fail. */
import { expect, it } from 'vitest';
import type { FetchPartitionResult } from '../../lib/broker/api.ts';
import { framesResponse } from '../../lib/http/fetch-batches.ts';
import { MAX_BINARY_BODY_BYTES } from '../../lib/http/payload.ts';
import { problemSchema } from '../../lib/http/schemas/problem.ts';
import { StratalogError } from '../../lib/model/errors.ts';
import { topicName } from '../../lib/model/ids.ts';
import { MAX_BATCH_BYTES, MAX_FETCH_PARTITIONS } from '../../lib/model/limits.ts';
import { encodeBatch } from '../../lib/record/encode.ts';
import { decodeFrames } from '../../lib/record/frames.ts';

/** A batch of exactly `sizeBytes`. */
const batchOf = (sizeBytes: number): Uint8Array => {
  const of = (valueBytes: number) =>
    encodeBatch([{ value: new Uint8Array(valueBytes), timestamp: 1 }]);
  return of(sizeBytes - (of(sizeBytes).length - sizeBytes));
};

const result = (
  partition: number,
  batches: readonly Uint8Array[],
  error?: StratalogError,
): FetchPartitionResult => ({
  topic: topicName('t'),
  partition,
  batches,
  nextOffset: Number.MAX_SAFE_INTEGER,
  highWatermark: Number.MAX_SAFE_INTEGER,
  lastStableOffset: Number.MAX_SAFE_INTEGER,
  logStartOffset: Number.MAX_SAFE_INTEGER,
  abortedTransactions: [],
  ...(error === undefined ? {} : { error }),
});

const failure = (partition: number) =>
  new StratalogError('UNSUPPORTED_FOR_MESSAGE_FORMAT', 'x'.repeat(1_000), {
    context: { partition, topic: 'x'.repeat(249) },
  });

const LARGEST = batchOf(MAX_BATCH_BYTES);

it.each([
  ['first', 0],
  ['last', MAX_FETCH_PARTITIONS - 1],
])('carries the largest batch %s among partitions that fail', async (_where, at) => {
  expect(LARGEST.length).toBe(MAX_BATCH_BYTES);
  const results = Array.from({ length: MAX_FETCH_PARTITIONS }, (_, partition) =>
    partition === at ? result(at, [LARGEST]) : result(partition, [], failure(partition)),
  );
  const body = new Uint8Array(await framesResponse(results).arrayBuffer());
  expect(body.length).toBeLessThanOrEqual(MAX_BINARY_BODY_BYTES);
  const frames = decodeFrames(body);
  expect(frames).toHaveLength(MAX_FETCH_PARTITIONS);
  expect(frames[at]!.batches.length).toBe(MAX_BATCH_BYTES);
  for (const { partition, meta } of frames) {
    if (partition !== at) problemSchema.parse(meta?.error);
  }
  const details = frames.map(({ meta }) => (meta?.error as { detail: string } | undefined)?.detail);
  expect(details).toContain('x'.repeat(1_000));
  expect(details).toContainEqual(expect.stringMatching(/Ask for this partition alone/));
});

it('carries it among partitions that have as much, which come later', async () => {
  const results = Array.from({ length: MAX_FETCH_PARTITIONS }, (_, partition) =>
    result(partition, [LARGEST, LARGEST]),
  );
  const body = new Uint8Array(await framesResponse(results).arrayBuffer());
  const frames = decodeFrames(body);
  expect(body.length).toBeLessThanOrEqual(MAX_BINARY_BODY_BYTES);
  expect(frames.map(({ batches }) => batches.length).filter((size) => size > 0)).toEqual([
    MAX_BATCH_BYTES,
  ]);
  expect(frames[1]!.meta).toMatchObject({ nextOffset: 0 });
});
