/** Stored items whose attributes are not what they must be: told by name, whichever it is, and never believed. */
import { describe, expect, it } from 'vitest';
import { StratalogError } from '../../lib/model/errors.ts';
import { groupId, topicId, topicName } from '../../lib/model/ids.ts';
import type { Item, Value } from '../../lib/storage/algebra.ts';
import { chunkItem, readChunk } from '../../lib/storage/keys/chunk.ts';
import { clusterItem, readClusterId } from '../../lib/storage/keys/cluster.ts';
import { COUNTER_VERSION, counterValue, FLOOR_KEY } from '../../lib/storage/keys/counter.ts';
import { GROUP_VERSION, groupStateKey, readGroupEpoch } from '../../lib/storage/keys/group.ts';
import { groupOffsetKey, readFence, readGroupOffset } from '../../lib/storage/keys/group-offset.ts';
import { newHeadItem, readHead } from '../../lib/storage/keys/head.ts';
import { producerItem, readProducer } from '../../lib/storage/keys/producer.ts';
import { readTopic, topicItem } from '../../lib/storage/keys/topic.ts';
import { revisionOf } from '../../lib/storage/revise.ts';

const ref = { topicId: topicId('00000000-0000-4000-8000-000000000000'), partition: 3 };
const orders = topicName('orders');
const readers = groupId('readers');

const head: Item = {
  ...newHeadItem(ref, 5),
  tail: [Uint8Array.of(1)],
  p: { 7: 3 },
  open: { 7: 0 },
};
const topic = topicItem({
  ...{ name: orders, id: ref.topicId, partitions: 2, reserved: 3, configs: { a: 'b' } },
  ...{ createdAt: 1, state: 'active', revision: 0 },
});
const offset: Item = {
  ...groupOffsetKey(readers, ref),
  ...{ v: 1, topic: orders, offset: 4, metadata: '', leader: -1, fence: 2, rev: 3 },
};

/** Reader, a good item, and what each attribute must not be beside values of another type. */
const READERS: Readonly<
  Record<
    string,
    readonly [(item: Item) => unknown, Item, Readonly<Record<string, readonly Value[]>>]
  >
> = {
  head: [
    readHead,
    head,
    {
      ...{ start: [-1, 1], sealed: [1], ts: [-1, 1], end: [-1, 0.5, Number.NaN], bytes: [-1] },
      ...{ tb: [-1], ub: [-1], floor: [-1], le: [-1] },
      ...{ tail: [[7]], p: [{ 7: 'x' }, { 7: -1 }], open: [{ 7: [] }] },
    },
  ],
  chunk: [
    readChunk,
    chunkItem('P#x', { base: 4, end: 6, entries: [Uint8Array.of(1)], maxTimestamp: 9 }),
    { end: [4, 3], entries: [[], ['x']], maxTs: [-2] },
  ],
  topic: [
    readTopic,
    topic,
    {
      ...{ id: [''], partitions: [0, 10_001], reserved: [1, 1.5], configs: [{ a: 7 }] },
      ...{ createdAt: [-1], state: ['gone'] },
    },
  ],
  'committed offset': [
    readGroupOffset,
    offset,
    { topic: [''], offset: [-1], metadata: [7], leader: [-2] },
  ],
  fence: [readFence, offset, { fence: [-1] }],
  revision: [revisionOf, offset, { rev: [-1, 0] }],
  group: [
    readGroupEpoch,
    { ...groupStateKey(readers), v: GROUP_VERSION, epoch: 1 },
    { epoch: [-1] },
  ],
  counter: [counterValue, { ...FLOOR_KEY, v: COUNTER_VERSION, value: 1 }, { value: [-1] }],
  cluster: [readClusterId, clusterItem('abc'), { id: [''] }],
  producer: [
    readProducer,
    producerItem('P#x', '7', { rank: 1, asOf: 2 }, 3),
    { rank: [-1], asOf: [-1] },
  ],
};

describe.each(Object.entries(READERS))('a %s', (_name, [read, item, wrong]) => {
  it('is read', () => {
    read(item);
  });

  it.each(
    Object.entries(wrong).flatMap(([name, values]) =>
      // Stores have nulls, though none is ever written.
      [...values, true, Number.POSITIVE_INFINITY, new Uint8Array(1), null].map(
        (value) => [name, value as Value] as const,
      ),
    ),
  )('with the %s %s is damaged', (name, value) => {
    let failure: unknown;
    try {
      read({ ...item, [name]: value });
    } catch (caught) {
      failure = caught;
    }
    expect(failure).toBeInstanceOf(StratalogError);
    expect(failure).toMatchObject({
      code: 'CORRUPT_STORE',
      message: expect.stringContaining(`${item.pk} ${item.sk}`),
      context: { pk: item.pk, sk: item.sk },
    });
  });
});
