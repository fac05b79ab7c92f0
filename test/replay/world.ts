/**
 * A small world around one partition: several processes over one store, every write of theirs late,
 * doubled, lost or doubted, and clients that do what real ones do. It ends when every late copy has
 * been applied; then `check.ts` looks at what is in the log.
 */
import { Appender } from '../../lib/log/append/appender.ts';
import { type RunOutcome, runAtEnd, splitIntoRuns } from '../../lib/log/append/run.ts';
import { decodeEntry } from '../../lib/log/entry.ts';
import { deleteTopic } from '../../lib/log/topics/delete.ts';
import { WAL_PREFIX, walKey } from '../../lib/log/wal.ts';
import { type PartitionRef, topicName } from '../../lib/model/ids.ts';
import { validateBatches } from '../../lib/record/validate.ts';
import { set } from '../../lib/storage/algebra.ts';
import { faultyBlobs } from '../../lib/storage/faulty/blobs.ts';
import { faultyItems } from '../../lib/storage/faulty/items.ts';
import { type FaultRates, randomFaults } from '../../lib/storage/faulty/plans.ts';
import { withoutCondition } from '../../lib/storage/faulty/without-condition.ts';
import { readChunk } from '../../lib/storage/keys/chunk.ts';
import { HEAD, headKey, partitionKey, readHead } from '../../lib/storage/keys/head.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { type ItemStore, StoreError } from '../../lib/storage/ports.ts';
import { batchOf, newPartition, type Stores } from '../support/log.ts';
import { type VirtualRuntime, virtualRuntime } from '../support/virtual-runtime.ts';
import { type Cut, rival, type Scene, sureRival, trimmer } from './rivals.ts';

/** One send of a client, and what it was told. */
export interface Send {
  readonly values: readonly string[];
  /** undefined: plain, never sent twice by its client. */
  readonly producerId: number | undefined;
  /** Sends of one burst went to one process in this order, without waiting for each other. */
  readonly burst: number | undefined;
  /** Where it was to land, if anywhere in particular. */
  readonly expectedEnd?: number;
  outcome: RunOutcome | undefined;
}

export interface World {
  readonly runtime: VirtualRuntime;
  readonly stores: Stores;
  readonly ref: PartitionRef;
  /** A partition whose topic was deleted while it was written to. */
  readonly deleted: PartitionRef;
  readonly sends: readonly Send[];
  readonly cuts: readonly Cut[];
  /** Of the largest tail seen. */
  readonly largestTailBytes: number;
}

/** Kinds of history, drawn by the seed: each presses on other conditions. */
interface Mood {
  readonly rates: FaultRates;
  readonly lateMs: number;
  readonly producers: number;
  readonly plainClients: number;
  readonly sendsPerClient: number;
  /** Shares of the values that go to an object, and that fill the head. */
  readonly largeShare: number;
  readonly mediumShare: number;
  /** Share of the writes of a roll that fail, so that tails fill up. */
  readonly rollFailures: number;
  readonly collects: boolean;
  /** Whether some append only at the end that they read, and whether some delete what is old. */
  readonly competes: boolean;
  readonly trims: boolean;
}

const PROCESSES = 3;

const RATES: FaultRates = {
  repeat: 0.4,
  delay: 0.25,
  late: 0.06,
  loseAnswer: 0.05,
  denySuccess: 0.05,
  fail: 0.03,
  refuse: 0.03,
};

const moodOf = (random: () => number): Mood => {
  const crowded = random() < 0.5;
  const rollsFail = random() < 0.2;
  return {
    rates: RATES,
    lateMs: random() < 0.5 ? 300 : 3_000,
    producers: crowded ? 44 : 4,
    plainClients: 3,
    sendsPerClient: crowded ? 5 : 14,
    largeShare: rollsFail ? 0.1 : random(),
    mediumShare: rollsFail ? 0.9 : 0.3,
    rollFailures: rollsFail ? 0.97 : 0,
    collects: random() < 0.3,
    competes: random() < 0.35,
    trims: random() < 0.3,
  };
};

/** Runs the world of a seed to its end; `without` takes one named condition out of every write. */
export const runWorld = (seed: number, without?: string): Promise<World> => {
  const runtime = virtualRuntime(seed);
  return runtime.drive(() => live(runtime, without));
};

const live = async (runtime: VirtualRuntime, without: string | undefined): Promise<World> => {
  const { random } = runtime;
  const mood = moodOf(random);
  const stores = { items: memoryItems(), blobs: memoryBlobs() };
  const ref = await newPartition(stores.items, runtime, 'kept');
  const deleted = await newPartition(stores.items, runtime, 'deleted');
  const sends: Send[] = [];
  const cuts: Cut[] = [];
  let largestTailBytes = 0;

  const processes = Array.from({ length: PROCESSES }, () => {
    const plan = randomFaults(random, mood.rates, { slowMs: 40, lateMs: mood.lateMs });
    const broken = without === undefined ? stores.items : withoutCondition(stores.items, without);
    const items = faultyItems(observed(failingRolls(broken, mood, random)), plan, runtime);
    const blobs = faultyBlobs(
      stores.blobs,
      randomFaults(random, { delay: 0.3, loseAnswer: 0.05, fail: 0.03 }, { slowMs: 60 }),
      runtime,
    );
    return { items, blobs, appender: new Appender({ items, blobs, runtime }) };
  });

  function observed(store: ItemStore): ItemStore {
    return {
      ...store,
      update: async (key, update) => {
        const item = await store.update(key, update);
        if (item.pk === partitionKey(ref) && item.sk === 'HEAD') {
          largestTailBytes = Math.max(largestTailBytes, readHead(item).tailBytes);
        }
        return item;
      },
    };
  }

  const anyProcess = () => processes[Math.floor(random() * PROCESSES)]!;

  const send = async (
    to: PartitionRef,
    one: Omit<Send, 'outcome'>,
    bytes: Uint8Array,
    { appender } = anyProcess(),
  ) => {
    const record: Send = { ...one, outcome: undefined };
    if (to === ref) sends.push(record);
    const own = new Uint8Array(bytes);
    const infos = validateBatches(own);
    const runs =
      one.expectedEnd === undefined
        ? splitIntoRuns(own, infos)
        : [runAtEnd(own, infos, one.expectedEnd)];
    const [outcome] = await appender.append(to, runs);
    record.outcome = outcome;
    return outcome!;
  };

  const valuesOf = (who: string, n: number): string[] => {
    const large = random() < mood.largeShare;
    const pad = 'x'.repeat(large ? 1_100 : random() < mood.mediumShare ? 300 : 0);
    const count = 1 + Math.floor(random() * 3);
    return Array.from({ length: count }, (_, index) => `${who}:${n}.${index}${pad}`);
  };

  let bursts = 0;
  const plainClient = async (who: string, to: PartitionRef): Promise<void> => {
    for (let n = 0; n < mood.sendsPerClient; ) {
      const process = anyProcess();
      const burst = bursts++;
      const underWay = [];
      for (let length = 1 + Math.floor(random() * 3); length > 0; length--) {
        const values = valuesOf(who, n++);
        const one = { values, producerId: undefined, burst };
        underWay.push(send(to, one, batchOf(values), process));
        await runtime.sleep(random() * 15);
      }
      await Promise.all(underWay);
      await runtime.sleep(random() * 60);
    }
  };

  /** Sends each batch until it is told an offset; impatiently, sometimes to two processes at once. */
  const idempotentClient = async (producerId: number): Promise<void> => {
    await runtime.sleep(random() * 400);
    let sequence = 0;
    for (let n = 0; n < mood.sendsPerClient; n++) {
      const values = valuesOf(`p${producerId}`, n);
      const bytes = batchOf(values, { producerId, producerEpoch: 0, baseSequence: sequence });
      for (let attempt = 0; ; attempt++) {
        const both = random() < 0.3 ? 2 : 1;
        const outcomes = await Promise.all(
          Array.from({ length: both }, () =>
            send(ref, { values, producerId, burst: undefined }, bytes),
          ),
        );
        if (outcomes.some(isInLog)) break;
        if (attempt === 8) return;
        await runtime.sleep(random() * 100);
      }
      sequence += values.length;
      await runtime.sleep(random() * 150);
    }
  };

  const deleter = async (): Promise<void> => {
    await runtime.sleep(random() * 300);
    await deleteTopic(stores.items, runtime, topicName('deleted'));
  };

  /** What collection does: raise the floor, then delete objects below it that no entry names. */
  const collector = async (): Promise<void> => {
    for (let n = 0; n < 6; n++) {
      await runtime.sleep(random() * 200);
      const floor = runtime.now() - 20;
      await stores.items.update(headKey(ref), { change: [set(HEAD.floor, floor)] });
      const named = await namedObjects(stores, ref);
      for (const { key } of await stores.blobs.list(WAL_PREFIX)) {
        const timeMs = Number.parseInt(key.split('/')[2]!.slice(0, 12), 16);
        if (timeMs < floor && !named.has(key)) await stores.blobs.delete([key]);
      }
    }
  };

  const scene: Scene = {
    runtime,
    stores,
    ref,
    sendsPerClient: mood.sendsPerClient,
    cuts,
    valuesOf,
    send: ({ batches, ...one }) =>
      send(ref, { ...one, burst: undefined }, new Uint8Array(Buffer.concat(batches))),
    anyItems: () => anyProcess().items,
  };

  await Promise.all([
    ...Array.from({ length: mood.plainClients }, (_, n) => plainClient(`a${n}`, ref)),
    ...Array.from({ length: mood.producers }, (_, n) => idempotentClient(n)),
    plainClient('d', deleted),
    deleter(),
    ...(mood.collects ? [collector()] : []),
    ...(mood.competes ? [rival(scene, 'x'), rival(scene, 'y'), sureRival(scene, 1_000)] : []),
    ...(mood.trims ? [trimmer(scene), trimmer(scene)] : []),
  ]);
  for (const { appender, items, blobs } of processes) {
    await appender.settled();
    await items.settle();
    await blobs.settle();
  }
  return { runtime, stores, ref, deleted, sends, cuts, largestTailBytes };
};

/** Told an offset, or that it is there. */
const isInLog = (outcome: RunOutcome): boolean =>
  !('error' in outcome) || outcome.error.code === 'DUPLICATE_SEQUENCE_NUMBER';

/** Rolls that do not get through: the row is never put. */
const failingRolls = (store: ItemStore, mood: Mood, random: () => number): ItemStore => ({
  ...store,
  put: (item, conditions) => {
    if (item.sk.startsWith('LOG#') && random() < mood.rollFailures) {
      return Promise.reject(new StoreError('unavailable', 'no roll today', { effect: 'none' }));
    }
    return store.put(item, conditions);
  },
});

const namedObjects = async ({ items }: Stores, ref: PartitionRef): Promise<Set<string>> => {
  const rows = await items.query(partitionKey(ref), 'LOG#', 'LOG#~');
  const head = readHead((await items.get(headKey(ref)))!);
  const entries = [...rows.flatMap((row) => readChunk(row).entries), ...head.tail];
  return new Set(
    entries.flatMap((bytes) => {
      const { place } = decodeEntry(bytes);
      return 'inline' in place ? [] : [walKey(place.objectId)];
    }),
  );
};
