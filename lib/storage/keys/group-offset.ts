/**
 * OFFSET#: where a consumer group goes on in one partition.
 *
 *   pk  GROUP#<group id>      sk  OFFSET#<topic id>#<partition>
 *
 *   offset     of the record that is next
 *   metadata   what the committer wants to remember, up to 4 KiB of text
 *   leader     leader epoch of the record before, −1 when not known
 *   topic      the topic's name, so that a list needs no other item; the id in the key decides
 *   fence      the least epoch that may commit, absent: 0. Raised by an owner's fetch
 *   rev, marks as every item has them that is changed by what it says (`lib/storage/revise.ts`)
 *
 * Written by commits; whoever raises the fence raises the revision with it. Kept until the group is
 * forgotten. A topic deleted and made again has another id: what was committed for the old one is not
 * told any more.
 */
import { StratalogError } from '../../model/errors.ts';
import type { GroupId, PartitionRef, TopicName } from '../../model/ids.ts';
import { topicId } from '../../model/ids.ts';
import { type Change, type Item, type ItemKey, set } from '../algebra.ts';
import { name, text, wholeNumber, wholeNumberOrZero } from '../attributes.ts';
import { groupPartitionKey } from './group.ts';

/** Migration: readers upgrade older versions on read; the next commit writes the newest. */
export const GROUP_OFFSET_VERSION = 1;

const PREFIX = 'OFFSET#';

/** First and last sort key that an offset can have. */
export const GROUP_OFFSET_RANGE = [PREFIX, `${PREFIX}~`] as const;

/** What a commit says. */
export interface GroupOffset {
  readonly topic: TopicName;
  readonly ref: PartitionRef;
  readonly offset: number;
  readonly metadata: string;
  readonly leaderEpoch: number;
}

/** Where a group's offset in a partition is kept. */
export const groupOffsetKey = (
  group: GroupId,
  { topicId: id, partition }: PartitionRef,
): ItemKey => ({
  pk: groupPartitionKey(group),
  sk: `${PREFIX}${id}#${partition}`,
});

/** What a commit changes. */
export const groupOffsetChanges = (offset: GroupOffset): readonly Change[] => [
  set('v', GROUP_OFFSET_VERSION),
  set('topic', offset.topic),
  set('offset', offset.offset),
  set('metadata', offset.metadata),
  set('leader', offset.leaderEpoch),
];

/** @throws CORRUPT_STORE when the item is of a version that this code does not read, or is damaged */
export const readGroupOffset = (item: Item): GroupOffset => {
  if (item.v !== GROUP_OFFSET_VERSION) {
    throw new StratalogError(
      'CORRUPT_STORE',
      `The committed offset ${item.pk} ${item.sk} has version ${String(item.v)}; this release reads ${GROUP_OFFSET_VERSION}. Upgrade it.`,
      { context: { pk: item.pk, sk: item.sk } },
    );
  }
  const [id, partition] = item.sk.slice(PREFIX.length).split('#');
  return {
    topic: name(item, 'topic') as TopicName,
    ref: { topicId: topicId(id!), partition: Number(partition) },
    offset: wholeNumber(item, 'offset'),
    metadata: text(item, 'metadata'),
    leaderEpoch: wholeNumber(item, 'leader', -1),
  };
};

/** The least epoch that may commit. @throws CORRUPT_STORE */
export const readFence = (item: Item | undefined): number => wholeNumberOrZero(item, 'fence');
