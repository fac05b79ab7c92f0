/** The committed offsets of groups as they are meant to be: a map by group and partition of a topic. */
import { type Answer, together } from './answers.ts';
import type { CallOf } from './calls.ts';
import { badName, type Committed, type Model, refused, topicIn, UNKNOWN } from './model-state.ts';

/** Kafka's limit. */
const MAX_METADATA_BYTES = 4096;

const badGroup = (group: string) =>
  group.length >= 1 && group.length <= 255 && !/\p{Cc}/u.test(group)
    ? undefined
    : refused('INVALID_GROUP_ID');

const offsetsOf = ({ groups }: Model, group: string) => {
  const known = groups.get(group) ?? new Map<string, Committed>();
  groups.set(group, known);
  return known;
};

export const commitOffsets = (
  model: Model,
  { group, offsets }: CallOf<'commitOffsets'>,
): Answer => {
  const names = offsets.map(({ topic, partition }) => `${topic}/${partition}`);
  const wrong =
    badGroup(group) ??
    offsets.map(({ topic }) => badName(topic)).find((bad) => bad !== undefined) ??
    (new Set(names).size < names.length ? refused('INVALID_REQUEST') : undefined);
  if (wrong) return wrong;
  const committed = offsetsOf(model, group);
  return together(
    offsets.map(({ topic: name, partition, offset, metadata = '', leaderEpoch = -1 }) => {
      const topic = topicIn(model, name);
      if ('code' in topic || partition >= topic.partitions.length) {
        return { topic: name, partition, ...UNKNOWN };
      }
      if (Buffer.byteLength(metadata) > MAX_METADATA_BYTES) {
        return { topic: name, partition, ...refused('OFFSET_METADATA_TOO_LARGE') };
      }
      const entry = { topic: name, partition, offset, metadata, leaderEpoch };
      committed.set(`${topic.id}/${partition}`, entry);
      return { topic: name, partition };
    }),
  );
};

/** Offsets of topics that are no more, also of those whose name another has now, are not told. */
export const fetchOffsets = (
  model: Model,
  { group, topic: only }: CallOf<'fetchOffsets'>,
): Answer => {
  const wrong = badGroup(group) ?? (only === undefined ? undefined : badName(only));
  if (wrong) return wrong;
  const known = [...model.topics].flatMap(([name, { id, partitions }]) =>
    only === undefined || only === name
      ? partitions.flatMap(
          (_, partition) => offsetsOf(model, group).get(`${id}/${partition}`) ?? [],
        )
      : [],
  );
  const inOrder = known.sort((left, right) =>
    left.topic === right.topic
      ? left.partition - right.partition
      : left.topic < right.topic
        ? -1
        : 1,
  );
  return { epoch: 0, offsets: inOrder };
};
