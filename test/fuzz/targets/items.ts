/**
 * Items: one or two stored items with spoilt attributes, under every verb of the broker.
 *
 * Each verb gives a right answer or a named error, and what was not spoilt is read and written as before.
 * What one item alone cannot tell is left out: a log start that was moved, a rank, a committed offset,
 * configs, and rows or entries that took the place of others.
 */
import assert from 'node:assert/strict';
import type { Broker } from '../../../lib/broker/api.ts';
import { createBroker } from '../../../lib/broker/broker.ts';
import type { StratalogError } from '../../../lib/model/errors.ts';
import type { TopicName } from '../../../lib/model/ids.ts';
import { batchOf } from '../../support/log.ts';
import { virtualRuntime } from '../../support/virtual-runtime.ts';
import type { Chance } from '../chance.ts';
import { PARTITIONS, readThrough, type Told, toldOf } from '../readers.ts';
import { smallerList } from '../smaller.ts';
import { anySpoil, type Spoil, withSpoil } from '../spoil-items.ts';
import type { Target } from '../target.ts';
import { contents, DEPARTED_ID, GROUP, ORDERS, OTHERS, PRODUCER_ID, storesWith } from '../world.ts';

const whole = await contents();

const inputOf = (chance: Chance): readonly Spoil[] =>
  Array.from({ length: chance.pick([1, 1, 1, 2]) }, () => anySpoil(whole.items, chance));

/** What may be told of stored things that are not as they were written. */
const EXPECTED: readonly string[] = [
  'CORRUPT_STORE',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'OFFSET_OUT_OF_RANGE',
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'INVALID_PRODUCER_EPOCH',
  'DUPLICATE_SEQUENCE_NUMBER',
  'STALE_MEMBER_EPOCH',
  'KAFKA_STORAGE_ERROR',
  // A tail that claims to be full takes nothing.
  'REQUEST_TIMED_OUT',
  'MESSAGE_TOO_LARGE',
  'INVALID_TIMESTAMP',
];

/** Something to look it up by: a key, an object, a topic, a partition, a group. */
const NAMES =
  /item \S|P#|LOG#|OFFSET#|GROUP#|COUNTERS|CLUSTER|wal\/|[Pp]artition \d|topic \S|offset \d/;

const hold = (error: StratalogError): StratalogError => {
  assert(EXPECTED.includes(error.code), `${error.code}: ${error.message}`);
  if (error.code === 'CORRUPT_STORE')
    assert(NAMES.test(error.message), `it names nothing: ${error.message}`);
  return error;
};

const whole64 = (numbers: readonly number[]): void => {
  for (const number of numbers)
    assert(Number.isSafeInteger(number) && number >= -1, `a number ${number}`);
};

/** An answer that may have an error in it, whatever else. */
const errorIn = (answer: object): StratalogError | undefined =>
  (answer as { readonly error?: StratalogError }).error;

/** Runs a verb of several answers. @returns the first error told */
const asked = async <T extends readonly object[]>(
  answers: Promise<T>,
  look: (answers: T) => void,
): Promise<Told> => {
  try {
    const told = await answers;
    const failed = told.map(errorIn).find((error) => error !== undefined);
    if (failed === undefined) look(told);
    return failed === undefined ? undefined : hold(toldOf(failed));
  } catch (thrown) {
    return hold(toldOf(thrown));
  }
};

const SPECS = ['earliest', 'latest', 'max-timestamp', { timestamp: 1_700_000_000_000 }] as const;

/** Reads beside the records, each of which a spoilt item may make impossible. */
const readings = async (broker: Broker): Promise<readonly Told[]> => {
  const partitions = PARTITIONS.flatMap(([topic, partition]) =>
    SPECS.map((at) => ({ topic, partition, at })),
  );
  const described = (topic: TopicName): Promise<Told> =>
    asked(
      broker.describeTopic(topic).then((one) => [one]),
      ([one]) => {
        for (const { logStartOffset, logEndOffset, sizeBytes } of one!.partitions) {
          whole64([logStartOffset, logEndOffset, sizeBytes]);
        }
      },
    );
  return [
    await asked(broker.listOffsets({ partitions }), (all) =>
      all.forEach(({ offset, timestamp }) => {
        whole64([offset, timestamp]);
      }),
    ),
    await asked(
      broker.fetchOffsets({ group: GROUP }).then(({ epoch, offsets }) => {
        whole64([epoch]);
        return offsets;
      }),
      (all) =>
        all.forEach(({ offset, leaderEpoch, metadata }) => {
          whole64([offset, leaderEpoch]);
          assert.equal(typeof metadata, 'string');
        }),
    ),
    await described(ORDERS),
    await described(OTHERS),
    await asked(
      broker.listTopics().then(({ topics }) => topics.map((one) => ({ ...one }))),
      (all) =>
        all.forEach(({ partitions: count }) => {
          whole64([count]);
        }),
    ),
    await asked(
      broker.initProducer().then((one) => [one]),
      ([one]) => whole64([one!.producerId]),
    ),
    await asked(
      broker.describeCluster().then((one) => [one]),
      ([one]) => assert(one!.clusterId.length > 0, `a cluster id ${one!.clusterId}`),
    ),
  ];
};

/** Nobody, who writes on, and who was forgotten: whoever a partition takes records from as it was. */
const producersOf = (topic: TopicName, partition: number, next: number) => [
  undefined,
  ...(topic === ORDERS ? [{ producerId: PRODUCER_ID, producerEpoch: 0, baseSequence: next }] : []),
  ...(topic === ORDERS && partition === 0
    ? [{ producerId: DEPARTED_ID, producerEpoch: 0, baseSequence: 3 }]
    : []),
];

const writings = async (broker: Broker): Promise<readonly Told[]> => {
  const told: Told[] = [];
  for (const [topic, partition, values] of PARTITIONS) {
    for (const producer of producersOf(topic, partition, values.length)) {
      const batches = batchOf(['new'], producer);
      told.push(
        await asked(broker.produce({ topic, partitions: [{ partition, batches }] }), ([one]) =>
          whole64([...one!.baseOffsets, one!.logStartOffset]),
        ),
      );
    }
    const commit = { topic, partition, offset: 3 };
    told.push(
      await asked(broker.commitOffsets({ group: GROUP, offsets: [commit] }), () => undefined),
    );
    const deletion = { topic, partition, before: 1 };
    told.push(
      await asked(broker.deleteRecords({ partitions: [deletion] }), ([one]) =>
        whole64([one!.logStartOffset]),
      ),
    );
  }
  return told;
};

/** Topics and partitions that a spoilt item is about: of others all must be as before. */
const concerns = (spoils: readonly Spoil[]): ((topic: TopicName, partition: number) => boolean) => {
  const ids = new Map(
    whole.items.filter(({ pk }) => pk === 'TOPICS').map((item) => [item.sk, item.id]),
  );
  const spoilt = spoils.map(({ item }) => whole.items[item]!);
  return (topic, partition) =>
    spoilt.some(({ pk, sk }) => sk === topic || pk === `P#${String(ids.get(topic))}#${partition}`);
};

const run = async (spoils: readonly Spoil[]): Promise<string> => {
  const stores = await storesWith(
    spoils.reduce((now, spoil) => withSpoil(now, spoil, whole), whole),
  );
  const runtime = virtualRuntime(1);
  const isConcerned = concerns(spoils);
  const isWeak = spoils.some(
    ({ how, attribute }) => how === 'exchanged' || attribute === 'start' || attribute === 'id',
  );
  return runtime.drive(async () => {
    const broker = createBroker({ ...stores, runtime, freezes: true });
    const told: Told[] = [];
    for (const partition of PARTITIONS) {
      const error = await readThrough(broker, partition, 'earliest', isWeak);
      if (error !== undefined) hold(error);
      const [topic, number] = partition;
      if (!isConcerned(topic, number)) {
        assert.equal(error, undefined, `${topic}/${number} was not spoilt: ${error?.message}`);
      }
      told.push(error);
    }
    told.push(...(await readings(broker)));
    told.push(...(await writings(broker)));
    for (const [topic, number, values] of PARTITIONS) {
      if (isConcerned(topic, number)) continue;
      const after = await asked(
        broker.fetch({ partitions: [{ topic, partition: number, offset: values.length }] }),
        ([one]) => assert(one!.batches.length > 0, 'nothing of what was just written is read'),
      );
      assert.equal(after, undefined, `${topic}/${number} was harmed: ${after?.message}`);
    }
    await broker.close();
    const codes = new Set(told.flatMap((error) => error?.code ?? []));
    return codes.size === 0 ? 'as before' : [...codes].sort().join(' ');
  });
};

/** Heads, rows, producers, topics, offsets, counters: every type of item that is stored. */
export const items: Target<readonly Spoil[]> = {
  allowed: [],
  make: inputOf,
  run,
  *smaller(spoils) {
    yield* smallerList(spoils);
  },
};
