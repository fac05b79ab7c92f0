/**
 * Names and numbers that other things are addressed by, validated once at the edge.
 *
 * Offsets, sequences and byte counts are plain numbers inside (safe integers: 9·10¹⁵ records is 285
 * years at a million a second); only what carries 64-bit fields on a wire, such as a record batch's
 * header, reads and writes them as bigint.
 */
import { StratalogError } from './errors.ts';
import { MAX_GROUP_ID_LENGTH, MAX_PARTITIONS_PER_TOPIC, MAX_TOPIC_NAME_LENGTH } from './limits.ts';

declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** A name that passed `topicName`. */
export type TopicName = Branded<string, 'TopicName'>;
/** A topic's UUID: a topic deleted and created again is another topic. */
export type TopicId = Branded<string, 'TopicId'>;

/** The id of a consumer group that passed `groupId`. */
export type GroupId = Branded<string, 'GroupId'>;

/** One partition of one incarnation of a topic. */
export interface PartitionRef {
  readonly topicId: TopicId;
  readonly partition: number;
}

const LEGAL_TOPIC_NAME = /^[a-zA-Z0-9._-]+$/;

/**
 * @throws INVALID_TOPIC_EXCEPTION naming the rule that was broken (Kafka's `Topic.validate`).
 */
export const topicName = (name: string): TopicName => {
  const problem =
    name.length === 0
      ? 'is empty'
      : name === '.' || name === '..'
        ? "must not be '.' or '..'"
        : name.length > MAX_TOPIC_NAME_LENGTH
          ? `has ${name.length} characters, more than ${MAX_TOPIC_NAME_LENGTH}`
          : !LEGAL_TOPIC_NAME.test(name)
            ? 'has a character other than a-z, A-Z, 0-9, ".", "_" and "-"'
            : undefined;
  if (problem !== undefined) {
    const shown = name.length > 60 ? `${name.slice(0, 60)}…` : name;
    throw new StratalogError(
      'INVALID_TOPIC_EXCEPTION',
      `The topic name ${JSON.stringify(shown)} ${problem}. Use 1 to ${MAX_TOPIC_NAME_LENGTH} of a-z, A-Z, 0-9, ".", "_", "-".`,
      { context: { topic: shown } },
    );
  }
  return name as TopicName;
};

/** Marks a UUID that came from a store or was just made as a topic's id. */
export const topicId = (uuid: string): TopicId => uuid as TopicId;

/** @throws INVALID_PARTITIONS unless `count` is a whole number from 1 to the limit. */
export const partitionCount = (count: number): number => {
  if (!Number.isInteger(count) || count < 1 || count > MAX_PARTITIONS_PER_TOPIC) {
    throw new StratalogError(
      'INVALID_PARTITIONS',
      `A topic has 1 to ${MAX_PARTITIONS_PER_TOPIC} partitions; ${count} was asked for.`,
      { context: { partitions: count } },
    );
  }
  return count;
};

/** Control characters, and halves of surrogate pairs. */
const ILLEGAL_IN_GROUP_ID = /[\p{Cc}\p{Cs}]/u;

/**
 * Any text that can be printed: Kafka's clients choose such ids freely.
 * @throws INVALID_GROUP_ID naming the rule that was broken
 */
export const groupId = (id: string): GroupId => {
  const problem =
    id.length === 0
      ? 'is empty'
      : id.length > MAX_GROUP_ID_LENGTH
        ? `has ${id.length} characters, more than ${MAX_GROUP_ID_LENGTH}`
        : ILLEGAL_IN_GROUP_ID.test(id)
          ? 'has a control character or half of a surrogate pair'
          : undefined;
  if (problem !== undefined) {
    const shown = id.length > 60 ? `${id.slice(0, 60)}…` : id;
    throw new StratalogError(
      'INVALID_GROUP_ID',
      `The group id ${JSON.stringify(shown)} ${problem}. Use 1 to ${MAX_GROUP_ID_LENGTH} characters that can be printed.`,
      { context: { group: shown } },
    );
  }
  return id as GroupId;
};
