/** One fetch of several partitions, as JSON or as record batches, and what a history tells of it. */
import { decodeUtf8 } from '../../../lib/bytes/utf8.ts';
import { splitBatches } from '../../../lib/record/batches.ts';
import { decodeBatch } from '../../../lib/record/decode.ts';
import { BATCHES_MEDIA_TYPE, decodeFrames } from '../../../lib/record/frames.ts';
import type { Read } from '../../sim/checker/history.ts';
import {
  type Answer,
  call,
  isExpected,
  jsonOf,
  jsonRequest,
  outcomeOf,
  type Problem,
} from '../calls.ts';
import { type Field, partitionName } from '../field.ts';
import { nameOf } from '../value.ts';

/** Partition → the offset to go on with. */
export type Positions = Map<number, number>;

export interface Fetch {
  readonly positions: Positions;
  readonly asBatches: boolean;
  readonly maxWaitMs: number;
  /** One of those that read everything in the end. */
  readonly isFinal?: true;
}

interface PartitionAnswer {
  readonly partition: number;
  readonly records: Read['records'];
  readonly nextOffset: number;
  readonly highWatermark: number;
  readonly logStartOffset: number;
  readonly error?: Problem;
}

interface JsonPartition extends Omit<PartitionAnswer, 'records'> {
  readonly records?: readonly { readonly offset: number; readonly value: unknown }[];
}

const recordsOf = (batches: Uint8Array, from: number): Read['records'] =>
  splitBatches(batches).batches.flatMap((batch) => {
    const { header, records } = decodeBatch(batch);
    // A batch comes whole, also when it begins before what was asked for.
    return records
      .filter(({ offset }) => offset >= from)
      .map(({ offset, value }): [number, string, number] => [
        offset,
        nameOf(decodeUtf8(value ?? new Uint8Array())),
        header.partitionLeaderEpoch,
      ]);
  });

const partitionsOf = ({ status, body }: Answer, { asBatches, positions }: Fetch) => {
  if (asBatches && status === 200) {
    return decodeFrames(body).map(({ partition, meta, batches }) => ({
      ...(meta as unknown as PartitionAnswer),
      partition,
      records: recordsOf(batches, positions.get(partition)!),
    }));
  }
  const { partitions } = jsonOf<{ readonly partitions?: readonly JsonPartition[] }>({
    status,
    body,
  });
  return partitions?.map(({ records, ...told }) => ({
    ...told,
    records: (records ?? []).map(({ offset, value }): [number, string] => [offset, nameOf(value)]),
  }));
};

/** What a caller goes on with: ends of the logs, and which begin or end elsewhere than where it asked. */
export interface Fetched {
  readonly ends: ReadonlyMap<number, number>;
  readonly outside: readonly { readonly partition: number; readonly problem: Problem }[];
}

/** Moves `positions` on. Undefined: no answer, or none that is of use. */
export const fetchOnce = async (
  field: Field,
  process: string,
  fetch: Fetch,
): Promise<Fetched | undefined> => {
  const { recorder, topic } = field;
  const { positions, maxWaitMs, isFinal } = fetch;
  const partitions = [...positions].map(([partition, offset]) => ({ partition, offset }));
  const request = jsonRequest({ partitions, maxWaitMs });
  const accept = fetch.asBatches ? BATCHES_MEDIA_TYPE : 'application/json';
  const headers = { ...request.headers, accept };
  const invokedAt = recorder.tick();
  const answer = await call(field, `/topics/${topic}/fetch`, { ...request, headers });
  const told = answer && partitionsOf(answer, fetch);
  const asked = { process, invokedAt, kind: 'poll' as const, ...(isFinal && { final: isFinal }) };
  if (!told) {
    const problem = answer && jsonOf<Problem>(answer);
    if (problem) isExpected(field, process, problem);
    recorder.add({ ...asked, outcome: problem ? outcomeOf(problem) : 'info', reads: [] });
    return undefined;
  }
  const refused = told.filter(({ error }) => error !== undefined);
  const read = told.filter(({ error }) => error === undefined);
  recorder.add({
    ...asked,
    outcome: read.length === 0 ? 'fail' : 'ok',
    reads: read.map(({ partition, records, highWatermark, logStartOffset }) => ({
      partition: partitionName(field, partition),
      from: positions.get(partition)!,
      records,
      logStart: logStartOffset,
      logEnd: highWatermark,
    })),
  });
  for (const { partition, nextOffset } of read) positions.set(partition, nextOffset);
  return {
    ends: new Map(read.map(({ partition, highWatermark }) => [partition, highWatermark])),
    outside: refused.flatMap(({ partition, error }) => {
      isExpected(field, process, error!, 'OFFSET_OUT_OF_RANGE');
      return error!.code === 'OFFSET_OUT_OF_RANGE' ? [{ partition, problem: error! }] : [];
    }),
  };
};
