/**
 * A broker that counts what another one answers: records, bytes, offsets, and failures partition by
 * partition, of which an answer of 200 may carry some.
 */

import type { Broker, ProducePartition, ProducePartitionResult } from '../../lib/broker/api.ts';
import { getInt32 } from '../../lib/bytes/integers.ts';
import { asStratalogError, type StratalogError } from '../../lib/model/errors.ts';
import type { MetricName } from '../../lib/model/metrics.ts';
import { splitBatches } from '../../lib/record/batches.ts';
import { RECORD_COUNT_AT } from '../../lib/record/layout.ts';
import { currentTally, type Tally } from './tally.ts';

/** Counts one failure of a partition, and what refuses for now because of a limit of AWS once more. */
export const countFailure = (
  tally: Tally,
  topic: string,
  metric: 'FailedProduceRequests' | 'FailedFetchRequests',
  error: StratalogError,
  partitions = 1,
): void => {
  tally.count(topic, metric, partitions);
  if (error.code === 'THROTTLING_QUOTA_EXCEEDED') {
    tally.count(topic, 'ThrottledRequests', partitions);
  }
};

/** Records and bytes of each batch; nothing of what is no batch, which the broker refuses. */
const sizesOf = ({ batches }: ProducePartition): readonly (readonly [number, number])[] => {
  try {
    return splitBatches(batches).batches.map((batch) => [
      getInt32(batch, RECORD_COUNT_AT),
      batch.length,
    ]);
  } catch {
    return [];
  }
};

const countAppended = (
  tally: Tally,
  topic: string,
  sizes: readonly (readonly [number, number])[],
  { baseOffsets, error }: ProducePartitionResult,
): void => {
  for (const [i, baseOffset] of baseOffsets.entries()) {
    const [records, bytes] = sizes[i] ?? [0, 0];
    if (baseOffset < 0) continue;
    tally.count(topic, 'MessagesIn', records);
    tally.count(topic, 'BytesIn', bytes);
  }
  if (error !== undefined) countFailure(tally, topic, 'FailedProduceRequests', error);
};

const noteFailures = (parts: readonly { readonly error?: StratalogError }[]): void => {
  const tally = currentTally();
  if (tally === undefined) return;
  for (const { error } of parts) if (error !== undefined) tally.failed(error);
};

/** Counts into the tally of the invocation under way; outside of one it only passes on. */
export const meteredBroker = (broker: Broker): Broker => {
  const counting = async <R extends readonly { readonly error?: StratalogError }[]>(
    call: Promise<R>,
    asked: readonly string[],
    metric: Extract<MetricName, 'FailedProduceRequests' | 'FailedFetchRequests'>,
    count: (tally: Tally, results: R) => void,
  ): Promise<R> => {
    const tally = currentTally();
    if (tally === undefined) return call;
    try {
      const results = await call;
      noteFailures(results);
      count(tally, results);
      return results;
    } catch (error) {
      for (const topic of asked) countFailure(tally, topic, metric, asStratalogError(error));
      throw error;
    }
  };
  const noting = async <R extends readonly { readonly error?: StratalogError }[]>(
    call: Promise<R>,
  ): Promise<R> => {
    const results = await call;
    noteFailures(results);
    return results;
  };

  return {
    ...broker,
    produce: (request) => {
      const { topic, partitions } = request;
      // Before they are taken over.
      const sizes = partitions.map(sizesOf);
      const asked = partitions.map(() => topic);
      return counting(broker.produce(request), asked, 'FailedProduceRequests', (tally, results) => {
        for (const [i, result] of results.entries()) {
          countAppended(tally, topic, sizes[i] ?? [], result);
        }
      });
    },
    fetch: (request) => {
      const asked = request.partitions.map(({ topic }) => topic);
      return counting(broker.fetch(request), asked, 'FailedFetchRequests', (tally, results) => {
        for (const { topic, batches, error } of results) {
          for (const batch of batches) tally.count(topic, 'BytesOut', batch.length);
          if (error !== undefined) countFailure(tally, topic, 'FailedFetchRequests', error);
        }
      });
    },
    commitOffsets: async (request) => {
      const results = await noting(broker.commitOffsets(request));
      const tally = currentTally();
      for (const { topic, error } of results) {
        if (error === undefined) tally?.count(topic, 'OffsetsCommitted', 1);
      }
      return results;
    },
    listOffsets: (request) => noting(broker.listOffsets(request)),
    deleteRecords: (request) => noting(broker.deleteRecords(request)),
    fetchOffsets: async (request) => {
      const result = await broker.fetchOffsets(request);
      noteFailures(result.offsets);
      return result;
    },
  };
};
