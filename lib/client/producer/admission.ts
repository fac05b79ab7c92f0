/**
 * How messages get on their way: known topic, valid partition, room in the buffer, a place in a run.
 *
 * Everything that can be wrong with any message of a `send` is found before the first of them is put
 * into a run. Sends of one topic take turns, so that messages keep the order of the calls.
 */
import { StratalogError } from '../../model/errors.ts';
import type { Runtime } from '../../model/runtime.ts';
import { type StickyPartitioner, stickyPartitioner } from '../../record/partitioner.ts';
import type { MetadataCache, TopicMetadata } from '../metadata.ts';
import type { Deadline } from './deadline.ts';
import type { Delivery } from './delivery.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Prepared } from './message.ts';
import { type Partitioner, partitionOf } from './partitioning.ts';
import type { Room } from './room.ts';
import type { Entry } from './run.ts';

/** Messages of one `send`, serialized. */
export interface Admission {
  readonly topic: string;
  readonly prepared: readonly Prepared[];
  readonly expectedEnd: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly deadline: Deadline;
  readonly to: Delivery;
}

/** Those of the producer that matter here. */
export interface AdmissionOptions {
  readonly batchBytes: number;
  readonly partitioner?: Partitioner | undefined;
}

/** Partitions for messages that have no key: another one with every batch. */
export interface Stickies {
  of(topic: string): StickyPartitioner;
  /** A run of the partition is leaving: the next messages go elsewhere. */
  departed(topic: string, partition: number): void;
  /** How many partitions there are. */
  count(topic: string, partitions: number): void;
}

/** None is chosen yet. */
export const stickies = (runtime: Pick<Runtime, 'randomBytes'>): Stickies => {
  const byTopic = new Map<string, { readonly sticky: StickyPartitioner; partitions: number }>();
  const entryOf = (topic: string) => {
    const found = byTopic.get(topic);
    if (found !== undefined) return found;
    const made = { sticky: stickyPartitioner(runtime), partitions: 1 };
    byTopic.set(topic, made);
    return made;
  };
  return {
    of: (topic) => entryOf(topic).sticky,
    departed: (topic, partition) => {
      const { sticky, partitions } = entryOf(topic);
      if (sticky.current(partitions) === partition) sticky.moveOn(partitions);
    },
    count: (topic, partitions) => {
      entryOf(topic).partitions = partitions;
    },
  };
};

/** The one partition of messages that go together. @throws INVALID_REQUEST */
const onePartition = (
  topic: string,
  chosen: readonly (number | undefined)[],
  partitions: number,
): number => {
  const named = new Set(chosen.map((partition) => (partitions === 1 ? 0 : partition)));
  const [partition] = named;
  if (named.size === 1 && partition !== undefined) return partition;
  throw new StratalogError(
    'INVALID_REQUEST',
    named.size === 1
      ? `Topic ${topic} has ${partitions} partitions, and expectedEnd is about one: name it, or give the messages one key.`
      : `The messages for ${topic} go to several partitions, and expectedEnd is about one.`,
    { context: { topic, partitions } },
  );
};

/** Puts messages on their way; resolves when all of them are, or their delivery is over. @throws what refuses them */
export const admitter =
  (
    metadata: MetadataCache,
    room: Room,
    lines: Dispatcher,
    sticky: Stickies,
    { batchBytes, partitioner }: AdmissionOptions,
  ) =>
  async ({ topic, prepared, expectedEnd, signal, deadline, to }: Admission): Promise<void> => {
    /** Asked for again where the topic has no such partition as yet. */
    const lookUp = async (): Promise<TopicMetadata> => {
      const highest = prepared.reduce((most, { partition = 0 }) => Math.max(most, partition), 0);
      const cached = metadata.of(topic, deadline.leftMs());
      const known = cached instanceof Promise ? await inTime(cached) : cached;
      return highest < known.partitions
        ? known
        : inTime(metadata.refresh(topic, deadline.leftMs()));
    };
    const inTime = (asking: Promise<TopicMetadata>): Promise<TopicMetadata> =>
      deadline.bound(asking, 'nothing could be learned of its topic');
    /** False: the caller has given up, or it is too late. While it waits, nothing lingers that takes up room. */
    const takeRoom = async (sizeBytes: number): Promise<boolean> => {
      const endHurry = lines.hurry();
      const waiting = deadline.signal(signal);
      const granted = await room.take(sizeBytes, waiting.signal);
      waiting.end();
      endHurry();
      if (granted && to.isOver) room.release(sizeBytes);
      return granted && !to.isOver;
    };
    /** Where they are not let in: of those from `first` on, if somebody still wants to know. */
    const tellLate = (first: number, partition: (index: number) => number): void => {
      const error = deadline.passed('there was no room for it (maxBufferBytes)');
      for (let i = first; i < prepared.length; i += 1) {
        to.settle(i, { topic, partition: partition(i), error });
      }
    };
    const entryOf = ({ record, sizeBytes }: Prepared, index: number): Entry => ({
      record,
      sizeBytes,
      bornMs: deadline.bornMs,
      delivery: to,
      settle: (outcome) => {
        room.release(sizeBytes);
        to.settle(index, outcome);
      },
    });

    if (deadline.leftMs() === 0) throw deadline.passed('those before it were not let in');
    const { partitions, maxBatchBytes } = await lookUp();
    const targetBytes = Math.min(batchBytes, maxBatchBytes);
    const chosen = prepared.map((each) => partitionOf(topic, each, partitions, partitioner));
    if (expectedEnd !== undefined) {
      const partition = onePartition(topic, chosen, partitions);
      const sizeBytes = prepared.reduce((sum, each) => sum + each.sizeBytes, 0);
      if (to.isOver) return;
      if (!room.tryTake(sizeBytes) && !(await takeRoom(sizeBytes))) {
        tellLate(0, () => partition);
        return;
      }
      lines.appendAt(topic, partition, prepared.map(entryOf), targetBytes, expectedEnd);
      return;
    }
    sticky.count(topic, partitions);
    const unkeyed = sticky.of(topic);
    for (const [i, each] of prepared.entries()) {
      const { sizeBytes } = each;
      if (to.isOver) return;
      if (!room.tryTake(sizeBytes) && !(await takeRoom(sizeBytes))) {
        tellLate(i, (index) => chosen[index] ?? unkeyed.current(partitions));
        return;
      }
      let partition = chosen[i];
      if (partition === undefined) {
        const now = unkeyed.current(partitions);
        if (lines.isFull(topic, now, sizeBytes, targetBytes)) unkeyed.moveOn(partitions);
        partition = unkeyed.current(partitions);
      }
      lines.append(topic, partition, entryOf(each, i), targetBytes);
    }
  };
