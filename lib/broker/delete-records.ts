/**
 * Delete records: move the log start offsets of partitions up.
 */
import { deleteRecords as moveStart } from '../log/delete-records.ts';
import type { Reading } from '../log/fetch/read.ts';
import { asStratalogError, StratalogError } from '../model/errors.ts';
import type { Runtime } from '../model/runtime.ts';
import { inParallel } from '../storage/parallel.ts';
import type { DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsResult } from './api.ts';
import { askingAgain, findPartition } from './partitions.ts';
import type { TopicCache } from './topic-cache.ts';

/** What deleting records needs of the process. */
export interface Deleting {
  readonly reading: Reading;
  readonly topics: TopicCache;
  readonly runtime: Runtime;
}

/** Partitions whose records are deleted at once: each may read many rows. */
const PARALLEL_DELETES = 16;

/** One answer a partition, in order; never rejects for one of them. */
export const deleteRecords = (
  deleting: Deleting,
  request: DeleteRecordsRequest,
): Promise<readonly DeleteRecordsResult[]> =>
  askingAgain(deleting.topics, request.partitions, async (wanted) => {
    const results = Array<DeleteRecordsResult>(wanted.length);
    await inParallel([...wanted.entries()], PARALLEL_DELETES, async ([index, one]) => {
      results[index] = await deleteFrom(deleting, one);
    });
    return results;
  });

const deleteFrom = async (
  { reading, topics, runtime }: Deleting,
  wanted: DeleteRecordsPartition,
): Promise<DeleteRecordsResult> => {
  const { topic, partition, before } = wanted;
  try {
    const found = await findPartition(topics, wanted);
    if (found instanceof StratalogError) throw found;
    if (before !== 'latest' && !(Number.isSafeInteger(before) && before >= 0))
      throw illegal(before);
    const logStartOffset = await moveStart(reading, runtime, found.ref, before);
    return { topic, partition, logStartOffset };
  } catch (error) {
    return { topic, partition, logStartOffset: -1, error: asStratalogError(error) };
  }
};

const illegal = (before: number): StratalogError =>
  new StratalogError(
    'INVALID_REQUEST',
    `Records are to be deleted before offset ${before}; it takes a whole number from 0 up to the end of the log, or "latest" for all there are.`,
    { context: { before } },
  );
