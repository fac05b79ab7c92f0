/**
 * STATE: a consumer group.
 *
 *   pk  GROUP#<group id>      sk  STATE      `epoch`: raised by every change of its members or their
 *                                            assignment, never lowered, kept when the group is deleted
 *
 * Nothing writes it yet: this release keeps the committed offsets of groups (`group-offset.ts`), whose
 * readers assign partitions to themselves. A group without it is at epoch 0.
 */
import { StratalogError } from '../../model/errors.ts';
import type { GroupId } from '../../model/ids.ts';
import type { Item, ItemKey } from '../algebra.ts';
import { wholeNumber } from '../attributes.ts';

/** Migration: readers upgrade older versions on read. */
export const GROUP_VERSION = 1;

/** The pk of all that belongs to a group. */
export const groupPartitionKey = (group: GroupId): string => `GROUP#${group}`;

/** Where a group's state is kept. */
export const groupStateKey = (group: GroupId): ItemKey => ({
  pk: groupPartitionKey(group),
  sk: 'STATE',
});

/** 0 when there is no such item. @throws CORRUPT_STORE when it is of a version that this code does not read, or damaged */
export const readGroupEpoch = (item: Item | undefined): number => {
  if (item === undefined) return 0;
  if (item.v !== GROUP_VERSION) {
    throw new StratalogError(
      'CORRUPT_STORE',
      `The state of the group ${item.pk} has version ${String(item.v)}; this release reads ${GROUP_VERSION}. Upgrade it.`,
      { context: { pk: item.pk } },
    );
  }
  return wholeNumber(item, 'epoch');
};
