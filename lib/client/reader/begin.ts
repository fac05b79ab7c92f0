/** Where a reader begins and, if it shall stop, where it ends: one offset a partition. */
import { StratalogError } from '../../model/errors.ts';
import type { Connection } from '../connection.ts';
import { offsetsClient } from '../offsets.ts';
import { type PartitionDescription, topicsClient } from '../topics.ts';
import type { FullOptions, ReadFrom } from './options.ts';

/** A partition that is being read. */
export interface Cursor {
  readonly partition: number;
  /** Of the next message to be handed out. */
  position: number;
  /** To be fetched next. */
  ask: number;
  /** Where to stop; Infinity: nowhere. */
  end: number;
  /** Whether something was fetched here; until then retention may move what was the beginning. */
  isAnchored: boolean;
}

type Options = Pick<
  FullOptions<unknown, unknown>,
  'topic' | 'partitions' | 'from' | 'until' | 'onOutOfRange'
>;

/** @throws OFFSET_OUT_OF_RANGE unless the reader knows where to go on instead */
const within = (
  offset: number,
  { partition, logStartOffset, logEndOffset }: PartitionDescription,
  { topic, onOutOfRange }: Options,
): number => {
  if (offset >= logStartOffset && offset <= logEndOffset) return offset;
  if (onOutOfRange === 'earliest') return logStartOffset;
  if (onOutOfRange === 'latest') return logEndOffset;
  throw new StratalogError(
    'OFFSET_OUT_OF_RANGE',
    `Partition ${partition} of ${topic} has no offset ${offset}; it begins at ${logStartOffset} and ends at ${logEndOffset}. onOutOfRange tells where to begin instead.`,
    { context: { topic, partition, offset, logStartOffset, logEndOffset } },
  );
};

const namedOffset = (
  offsets: Extract<ReadFrom, { offsets: unknown }>['offsets'],
  partition: number,
): number | undefined =>
  offsets instanceof Map
    ? offsets.get(partition)
    : (offsets as Readonly<Record<number, number>>)[partition];

/** @param atTime what `from.time` has found, by partition */
const startOf = (
  description: PartitionDescription,
  options: Options,
  atTime: ReadonlyMap<number, number>,
): number => {
  const { partition, logStartOffset, logEndOffset } = description;
  const { from } = options;
  if (from === 'beginning') return logStartOffset;
  if (from === 'end') return logEndOffset;
  if ('offset' in from) return within(from.offset, description, options);
  if ('last' in from) return Math.max(logStartOffset, logEndOffset - from.last);
  if ('time' in from) {
    const found = atTime.get(partition) ?? -1;
    return found < 0 ? logEndOffset : found;
  }
  const named = namedOffset(from.offsets, partition);
  return named === undefined ? logStartOffset : within(named, description, options);
};

/** The partitions of the topic that are to be read; every one that the options name must be there. */
const chosen = (
  all: readonly PartitionDescription[],
  { topic, partitions, from }: Options,
): readonly PartitionDescription[] => {
  const find = (partition: number): PartitionDescription => {
    const found = all[partition];
    if (found !== undefined) return found;
    throw new StratalogError(
      'UNKNOWN_TOPIC_OR_PARTITION',
      `Topic ${topic} has no partition ${partition}; it has ${all.length}, numbered from 0.`,
      { context: { topic, partition, partitions: all.length } },
    );
  };
  if (typeof from === 'object' && 'offsets' in from) {
    const { offsets } = from;
    const named = offsets instanceof Map ? offsets.keys() : Object.keys(offsets);
    for (const partition of named) find(Number(partition));
  }
  return partitions === undefined ? all : [...new Set(partitions)].map(find);
};

const cursorAt = (partition: number, start: number, end = Number.POSITIVE_INFINITY): Cursor => ({
  partition,
  position: start,
  ask: start,
  end,
  isAnchored: false,
});

/** @throws UNKNOWN_TOPIC_OR_PARTITION, OFFSET_OUT_OF_RANGE */
export const beginReading = async (
  connection: Connection,
  options: Options,
  signal: AbortSignal,
): Promise<readonly Cursor[]> => {
  const { topic, from, until } = options;
  const call = { signal };
  const description = await topicsClient(connection).describeTopic(topic, call);
  const partitions = chosen(description.partitions, options);
  const atTime = new Map<number, number>();
  if (typeof from === 'object' && 'time' in from) {
    const at = { timestamp: from.time };
    const named = options.partitions === undefined ? {} : { partitions: options.partitions };
    for (const found of await offsetsClient(connection).listOffsets(
      { topic, ...named, at },
      call,
    )) {
      if (found.error !== undefined) throw found.error;
      atTime.set(found.partition, found.offset);
    }
  }
  return partitions.map((each) => {
    const end = until === 'end' ? each.logEndOffset : Number.POSITIVE_INFINITY;
    return cursorAt(each.partition, startOf(each, options, atTime), end);
  });
};

/** Cursors for the partitions that the topic has got since: all of their records are new. */
export const newCursors = async (
  connection: Connection,
  topic: string,
  known: readonly Cursor[],
  signal: AbortSignal,
): Promise<readonly Cursor[]> => {
  const { partitions } = await topicsClient(connection).describeTopic(topic, { signal });
  return partitions
    .filter(({ partition }) => known.every((cursor) => cursor.partition !== partition))
    .map(({ partition, logStartOffset }) => cursorAt(partition, logStartOffset));
};
