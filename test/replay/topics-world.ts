/**
 * A small world around one topic name: several processes make, change, delete and write to topics of
 * that name, a collection raises the floor, and every write comes late, again, or is doubted. When all is
 * at rest, what was told must be so.
 */
import { createBroker } from '../../lib/broker/broker.ts';
import { findTopic, headRefs, partitionRefs } from '../../lib/log/topics/find.ts';
import { topicId, topicName } from '../../lib/model/ids.ts';
import { ABANDONED_TOPIC_MS } from '../../lib/model/limits.ts';
import { atMost, set } from '../../lib/storage/algebra.ts';
import type { FaultPlan } from '../../lib/storage/faulty/fault.ts';
import { faultyItems } from '../../lib/storage/faulty/items.ts';
import { firstOf, randomFaults, stopAt } from '../../lib/storage/faulty/plans.ts';
import { withoutCondition } from '../../lib/storage/faulty/without-condition.ts';
import { FLOOR_KEY } from '../../lib/storage/keys/counter.ts';
import { HEAD, headKey, ifHead, readHead } from '../../lib/storage/keys/head.ts';
import {
  deletedTopicKey,
  readTopic,
  TOPICS,
  type Topic,
  topicKey,
} from '../../lib/storage/keys/topic.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { ConditionFailed, type ItemStore } from '../../lib/storage/ports.ts';
import { batchOf } from '../support/log.ts';
import { virtualRuntime } from '../support/virtual-runtime.ts';

const NAME = topicName('orders');
const PARTITIONS = 2;
const MOST_PARTITIONS = 7;
const SLEEP_MS = ABANDONED_TOPIC_MS + 10_000;
/** Each is altered by one actor alone, so that it is known which change came last. */
const CONFIGS = ['max.message.bytes', 'message.timestamp.after.max.ms'] as const;
const RATES = {
  repeat: 0.4,
  delay: 0.35,
  late: 0.03,
  loseAnswer: 0.03,
  denySuccess: 0.03,
  fail: 0.02,
  refuse: 0.01,
};

/** What the processes were told of each incarnation, by topic id. */
interface Told {
  made: Set<string>;
  /** Those that a deletion was told of, and those that one was begun of. */
  deleted: Set<string>;
  doomed: Set<string>;
  /** Appends acknowledged while this was the topic, per partition. */
  appended: Map<string, Map<number, number>>;
  /** Partitions that it was told to have. */
  partitions: Map<string, number>;
  /** By id and config: the value it was told to have, and those that it may have got since. */
  configs: Map<string, (string | undefined)[]>;
  /** Where each was seen to reserve heads, told or not. */
  reserved: Map<string, number>;
}

/** A sentence for each rule that the seed's world breaks; `without` takes one named condition out of every write. */
export const topicViolations = (seed: number, without?: string): Promise<readonly string[]> => {
  const runtime = virtualRuntime(seed);
  const { random } = runtime;
  const items = noting(memoryItems(), ({ id, reserved }) => {
    told.reserved.set(id, Math.max(told.reserved.get(id) ?? 0, reserved));
  });
  const blobs = memoryBlobs();
  const told: Told = {
    made: new Set(),
    deleted: new Set(),
    doomed: new Set(),
    appended: new Map(),
    partitions: new Map(),
    configs: new Map(),
    reserved: new Map(),
  };
  const problems: string[] = [];
  let busy = false;

  /** A maker that sleeps for so long over its claim that others take it for abandoned. */
  const sleepyActivation: FaultPlan = (call) =>
    call.port === 'items' &&
    call.update?.change.some(({ path }) => path === 'state') &&
    random() < 0.3
      ? { kind: 'delay', beforeMs: SLEEP_MS }
      : undefined;

  const process = (...first: readonly FaultPlan[]) => {
    const plan = firstOf(
      ...first,
      sleepyActivation,
      randomFaults(random, RATES, { slowMs: 30, lateMs: 400 }),
    );
    const broken = without === undefined ? items : withoutCondition(items, without);
    const store = faultyItems(broken, plan, runtime);
    return { store, broker: createBroker({ items: store, blobs, runtime }) };
  };
  const processes = [process(), process(), process()];
  const pick = () => processes[Math.floor(random() * processes.length)]!;
  const any = () => pick().broker;

  const maker = async (afterMs = 0): Promise<void> => {
    await runtime.sleep(afterMs);
    for (let n = 0; n < 4; n++) {
      await runtime.sleep(random() * 150);
      await any()
        .createTopic({ name: NAME, partitions: PARTITIONS })
        .then(({ topicId }) => told.made.add(topicId))
        .catch(() => undefined);
    }
  };

  /** Deletes what is there, alone, so that it is known what it deletes. */
  const deleter = async (): Promise<void> => {
    for (let n = 0; n < 3; n++) {
      await runtime.sleep(random() * 250);
      if (busy) continue;
      busy = true;
      const topic = await findTopic(items, NAME).catch(() => undefined);
      if (topic !== undefined) {
        told.doomed.add(topic.id);
        await any()
          .deleteTopic(NAME)
          .then(() => told.deleted.add(topic.id))
          .catch(() => undefined);
      }
      busy = false;
    }
  };

  /** Writes while nobody deletes, so that it is known which topic was written to. */
  const writer = async (): Promise<void> => {
    for (let n = 0; n < 8; n++) {
      await runtime.sleep(random() * 120);
      if (busy) continue;
      busy = true;
      const topic = await findTopic(items, NAME).catch(() => undefined);
      if (topic !== undefined) {
        const partition = Math.floor(random() * topic.partitions);
        const fresh = process();
        const [result] = await fresh.broker
          .produce({ topic: NAME, partitions: [{ partition, batches: batchOf([`${n}`]) }] })
          .catch(() => []);
        if (result !== undefined && result.error === undefined) {
          const counts = told.appended.get(topic.id) ?? new Map<number, number>();
          counts.set(partition, (counts.get(partition) ?? 0) + 1);
          told.appended.set(topic.id, counts);
        }
        processes.push(fresh);
      }
      busy = false;
    }
  };

  /** Adds partitions; a process may die over it. */
  const adder = async (): Promise<void> => {
    for (let n = 0; n < 2; n++) {
      await runtime.sleep(random() * 250);
      const partitions = PARTITIONS + 1 + Math.floor(random() * (MOST_PARTITIONS - PARTITIONS));
      const dies = random() < 0.3;
      const { store, broker } = dies ? process(stopAt(3 + Math.floor(random() * 8))) : pick();
      await broker
        .addPartitions({ topic: NAME, partitions })
        .then(({ topicId: id, partitions: { length } }) => {
          told.partitions.set(id, Math.max(told.partitions.get(id) ?? 0, length));
        })
        .catch(() => undefined);
      await store.settle();
    }
  };

  const alterer = async (config: string): Promise<void> => {
    for (let n = 0; n < 4; n++) {
      await runtime.sleep(random() * 150);
      const value = random() < 0.2 ? undefined : `${1_000_000 + n}`;
      await any()
        .alterConfigs({
          topic: NAME,
          ...(value === undefined ? { reset: [config] } : { set: { [config]: value } }),
        })
        .then(({ topicId: id }) => told.configs.set(`${id} ${config}`, [value]))
        .catch(({ code, effect }) => {
          if (effect === 'none' || code === 'UNKNOWN_TOPIC_OR_PARTITION') return;
          for (const id of told.reserved.keys()) {
            const name = `${id} ${config}`;
            told.configs.set(name, [...(told.configs.get(name) ?? [undefined]), value]);
          }
        });
    }
  };

  /** The counter first, then the heads of the topic there is, as collection does. */
  const collector = async (): Promise<void> => {
    for (let n = 0; n < 5; n++) {
      await runtime.sleep(random() * 120);
      const floor = runtime.now() - 600_000;
      await items.update(FLOOR_KEY, { change: [set('value', floor)] });
      const holder = await items.get(topicKey(NAME));
      for (const ref of holder === undefined ? [] : headRefs(readTopic(holder))) {
        const only = { 'head-there': atMost(HEAD.floor, floor) };
        await items
          .update(headKey(ref), { if: only, change: [set(HEAD.floor, floor)] })
          .catch((error) => {
            if (!(error instanceof ConditionFailed)) throw error;
          });
      }
    }
  };

  const atRest = async (): Promise<void> => {
    const topic = await findTopic(items, NAME).catch(() => undefined);
    for (const id of told.made) {
      if (!told.doomed.has(id) && topic?.id !== id)
        problems.push(`${id} was made, and is not there`);
    }
    await headsAtRest();
    if (topic === undefined) return;
    if (told.deleted.has(topic.id)) problems.push(`${topic.id} was deleted, and is there`);
    const promised = told.partitions.get(topic.id) ?? PARTITIONS;
    if (topic.partitions < promised)
      problems.push(`${promised} partitions were told, ${topic.partitions} are there`);
    for (const config of CONFIGS) {
      const may = told.configs.get(`${topic.id} ${config}`) ?? [undefined];
      const value = topic.configs[config];
      if (!may.includes(value)) problems.push(`${config} is ${value}, and was told to be ${may}`);
    }
    const floor = ((await items.get(FLOOR_KEY))?.value as number | undefined) ?? 0;
    for (const ref of partitionRefs(topic)) {
      const item = ifHead(await items.get(headKey(ref)));
      if (item === undefined) {
        problems.push(`partition ${ref.partition} has no head`);
        continue;
      }
      const head = readHead(item);
      const written = told.appended.get(topic.id)?.get(ref.partition) ?? 0;
      if (head.end < written) problems.push(`${written} appends were told, ${head.end} are there`);
      if (head.floor < floor) problems.push(`a floor is ${head.floor}, below ${floor}`);
    }
  };

  /** Every head belongs to the topic that has the name. */
  const headsAtRest = async (): Promise<void> => {
    const holder = await items.get(topicKey(NAME));
    for (const [id, reserved] of told.reserved) {
      const deleted = await items.get(deletedTopicKey(topicId(id)));
      const covered = Math.max(
        (deleted?.reserved as number | undefined) ?? 0,
        holder?.id === id ? readTopic(holder).reserved : 0,
      );
      if (covered > 0 && covered < reserved)
        problems.push(`${reserved} heads of ${id} were reserved, and ${covered} are known of`);
      // One that has the name still is there, or whoever wants the name goes on with its deletion.
      const hasName = holder?.id === id;
      for (let partition = hasName ? covered : 0; partition < MOST_PARTITIONS; partition++) {
        const head = ifHead(await items.get(headKey({ topicId: topicId(id), partition })));
        if (head !== undefined)
          problems.push(`the head ${partition} of ${id} is there, and its topic is not`);
      }
    }
  };

  return runtime.drive(async () => {
    const actors = [maker(), maker(), maker(SLEEP_MS), maker(SLEEP_MS)];
    const others = [deleter(), writer(), collector(), adder(), adder(), adder()];
    const alterers = CONFIGS.map(alterer);
    try {
      await Promise.all([...actors, ...others, ...alterers]);
      for (const { store } of processes) await store.settle();
      await atRest();
    } catch (error) {
      problems.push(String(error));
    }
    return problems;
  });
};

/** `store`, telling of every item that a topic's name was seen to hold. */
const noting = (store: ItemStore, note: (topic: Topic) => void): ItemStore => ({
  ...store,
  put: async (item, conditions) => {
    await store.put(item, conditions);
    if (item.pk === TOPICS) note(readTopic(item));
  },
  update: async (key, update) => {
    const item = await store.update(key, update);
    if (item.pk === TOPICS) note(readTopic(item));
    return item;
  },
});
