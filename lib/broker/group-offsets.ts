/**
 * The committed offsets of groups: find the partitions that are named, commit or read, tell each one's outcome.
 *
 * Whoever reads goes on from what is told, so a read asks the store which topic has the name now: an offset
 * of one that is no more would point into another's records. So does a commit that carries no epoch, as it
 * asks the store anyway. One that does goes by what is believed: a topic made again elsewhere less than
 * `TOPIC_CACHE_TTL_MS` ago may be missed, and what is committed then is not told for the new one.
 */
import type { GroupOffsets } from '../groups/offsets.ts';
import { storageFailure } from '../log/storage-errors.ts';
import { StratalogError } from '../model/errors.ts';
import type { GroupId, TopicName } from '../model/ids.ts';
import { MAX_COMMITS_IN_FLIGHT } from '../model/limits.ts';
import type { GroupOffset } from '../storage/keys/group-offset.ts';
import { inParallel } from '../storage/parallel.ts';
import { StoreError } from '../storage/ports.ts';
import type {
  CommitOffsetResult,
  CommitOffsetsRequest,
  CommittedOffset,
  FetchOffsetsRequest,
  FetchOffsetsResult,
  OffsetToCommit,
} from './api.ts';
import { askingAgain, findPartition, type NamedPartition } from './partitions.ts';
import type { TopicCache } from './topic-cache.ts';

/** What committed offsets need of the process. */
export interface OffsetKeeping {
  readonly offsets: GroupOffsets;
  readonly topics: TopicCache;
}

/** One answer a partition, in order. @throws INVALID_REQUEST when one is named twice, or the epoch is none */
export const commitOffsets = async (
  keeping: OffsetKeeping,
  { group, epoch, offsets: wanted }: CommitOffsetsRequest,
): Promise<readonly CommitOffsetResult[]> => {
  refuseTwice(wanted);
  if (epoch !== undefined) requireEpoch(epoch);
  const carried = epoch ?? (await askEpoch(keeping, group, wanted));
  return askingAgain(keeping.topics, wanted, (some) => commitAll(keeping, group, carried, some));
};

/** The group's epoch, with the topics looked up anew beside it. */
const askEpoch = async (
  { offsets, topics }: OffsetKeeping,
  group: GroupId,
  wanted: readonly NamedPartition[],
): Promise<number> => {
  const names = [...new Set(wanted.map(({ topic }) => topic))];
  const [epoch] = await Promise.all([
    offsets.epochOf(group),
    ...names.map((name) => {
      topics.drop(name);
      // Told beside each of its partitions.
      return topics.find(name).catch(() => undefined);
    }),
  ]);
  return epoch;
};

const commitAll = async (
  keeping: OffsetKeeping,
  group: GroupId,
  epoch: number,
  wanted: readonly OffsetToCommit[],
): Promise<readonly CommitOffsetResult[]> => {
  const results: CommitOffsetResult[] = wanted.map(({ topic, partition }) => ({
    topic,
    partition,
  }));
  await inParallel([...wanted.keys()], MAX_COMMITS_IN_FLIGHT, async (index) => {
    const error = await commitOne(keeping, group, epoch, wanted[index]!);
    if (error !== undefined) results[index] = { ...results[index]!, error };
  });
  return results;
};

/** Why it was not committed. */
const commitOne = async (
  { offsets, topics }: OffsetKeeping,
  group: GroupId,
  epoch: number,
  { topic: name, partition, offset, metadata = '', leaderEpoch = -1 }: OffsetToCommit,
): Promise<StratalogError | undefined> => {
  const found = await findPartition(topics, { topic: name, partition });
  if (found instanceof StratalogError) return found;
  try {
    const commit = { topic: name, ref: found.ref, offset, metadata, leaderEpoch };
    await offsets.commit(group, epoch, commit);
    return undefined;
  } catch (error) {
    // A store's own failure means that nothing happened; whatever may have is a StratalogError.
    return error instanceof StoreError && error.reason === 'throttled'
      ? atLimit(error)
      : storageFailure(error, 'The offset could not be committed', 'none');
  }
};

/** The group's epoch, read before the offsets: a commit that carries it is refused if these were overtaken. */
export const fetchOffsets = async (
  { offsets, topics }: OffsetKeeping,
  { group, partitions }: FetchOffsetsRequest,
): Promise<FetchOffsetsResult> => {
  const epoch = await offsets.epochOf(group);
  if (partitions === undefined) {
    const all = await offsets.readAll(group);
    const known = await onlyOfTopicsThatAre(topics, all);
    return { epoch, offsets: known.map(told).sort(byName) };
  }
  for (const name of new Set(partitions.map(({ topic }) => topic))) topics.drop(name);
  const found = await Promise.all(partitions.map((named) => findPartition(topics, named)));
  const refs = found.flatMap((one) => (one instanceof StratalogError ? [] : [one.ref]));
  const read = await offsets.read(group, refs);
  let next = 0;
  return {
    epoch,
    offsets: partitions.map((named, index) => {
      const one = found[index]!;
      if (one instanceof StratalogError) return { ...nothing(named), error: one };
      const committed = read[next++];
      return committed === undefined ? nothing(named) : told(committed);
    }),
  };
};

/** Those whose topic still has its name, and is not another by now. */
const onlyOfTopicsThatAre = async (
  topics: TopicCache,
  committed: readonly GroupOffset[],
): Promise<readonly GroupOffset[]> => {
  const ids = new Map<TopicName, string | undefined>();
  const names = [...new Set(committed.map(({ topic }) => topic))];
  await inParallel(names, MAX_COMMITS_IN_FLIGHT, async (name) => {
    topics.drop(name);
    ids.set(name, await idOf(topics, name));
  });
  return committed.filter(({ topic, ref }) => ids.get(topic) === ref.topicId);
};

const idOf = async (topics: TopicCache, name: TopicName): Promise<string | undefined> => {
  try {
    return (await topics.find(name)).id;
  } catch (error) {
    if (error instanceof StratalogError && error.code === 'UNKNOWN_TOPIC_OR_PARTITION') {
      return undefined;
    }
    throw error;
  }
};

const told = ({ topic, ref, offset, metadata, leaderEpoch }: GroupOffset): CommittedOffset => ({
  topic,
  partition: ref.partition,
  offset,
  metadata,
  leaderEpoch,
});

const nothing = ({ topic, partition }: NamedPartition): CommittedOffset => ({
  topic,
  partition,
  offset: -1,
  metadata: '',
  leaderEpoch: -1,
});

const byName = (left: CommittedOffset, right: CommittedOffset): number =>
  left.topic < right.topic ? -1 : left.topic > right.topic ? 1 : left.partition - right.partition;

const refuseTwice = (wanted: readonly NamedPartition[]): void => {
  const seen = new Set<string>();
  for (const { topic, partition } of wanted) {
    const name = `${topic}/${partition}`;
    if (seen.has(name)) {
      throw new StratalogError(
        'INVALID_REQUEST',
        `Partition ${partition} of ${topic} is named twice. Commit one offset for it.`,
        { context: { topic, partition } },
      );
    }
    seen.add(name);
  }
};

const requireEpoch = (epoch: number): void => {
  if (Number.isSafeInteger(epoch) && epoch >= 0) return;
  throw new StratalogError(
    'INVALID_REQUEST',
    `The epoch is ${epoch}; it is the whole number that reading the committed offsets told.`,
    { context: { epoch } },
  );
};

const atLimit = (cause: StoreError): StratalogError =>
  new StratalogError(
    'THROTTLING_QUOTA_EXCEEDED',
    'The offset could not be committed: the store is at its limit. Commit less often, or wait and commit again.',
    { cause },
  );
