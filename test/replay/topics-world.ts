/**
 * A small world around one topic name: several processes make, delete and write to topics of that
 * name, a collection raises the floor, and every write comes again later. When all is at rest, what
 * was told must be so.
 */
import { createBroker } from '../../lib/broker/broker.ts';
import { findTopic, partitionRefs } from '../../lib/log/topics/find.ts';
import { topicName } from '../../lib/model/ids.ts';
import { ABANDONED_TOPIC_MS } from '../../lib/model/limits.ts';
import { atMost, set } from '../../lib/storage/algebra.ts';
import type { FaultPlan } from '../../lib/storage/faulty/fault.ts';
import { faultyItems } from '../../lib/storage/faulty/items.ts';
import { firstOf, randomFaults } from '../../lib/storage/faulty/plans.ts';
import { withoutCondition } from '../../lib/storage/faulty/without-condition.ts';
import { FLOOR_KEY } from '../../lib/storage/keys/counter.ts';
import { HEAD, headKey, readHead } from '../../lib/storage/keys/head.ts';
import { readTopic, TOPICS, topicKey } from '../../lib/storage/keys/topic.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { ConditionFailed } from '../../lib/storage/ports.ts';
import { batchOf } from '../support/log.ts';
import { virtualRuntime } from '../support/virtual-runtime.ts';

const NAME = topicName('orders');
const PARTITIONS = 2;
const SLEEP_MS = ABANDONED_TOPIC_MS + 10_000;

/** What the processes were told of each incarnation, by topic id. */
interface Told {
  made: Set<string>;
  deleted: Set<string>;
  /** Appends acknowledged while this was the topic, per partition. */
  appended: Map<string, number[]>;
}

/** A sentence for each rule that the seed's world breaks; `without` takes one named condition out of every write. */
export const topicViolations = (seed: number, without?: string): Promise<readonly string[]> => {
  const runtime = virtualRuntime(seed);
  const { random } = runtime;
  const items = memoryItems();
  const blobs = memoryBlobs();
  const told: Told = { made: new Set(), deleted: new Set(), appended: new Map() };
  const problems: string[] = [];
  let busy = false;

  /** A maker that sleeps for so long over its claim that others take it for abandoned. */
  const sleepyActivation: FaultPlan = (call) =>
    call.port === 'items' && call.verb === 'update' && call.keys[0]?.pk === TOPICS && random() < 0.3
      ? { kind: 'delay', beforeMs: SLEEP_MS }
      : undefined;

  const process = () => {
    const plan = firstOf(
      sleepyActivation,
      randomFaults(random, { repeat: 0.4, delay: 0.4 }, { slowMs: 30, lateMs: 400 }),
    );
    const broken = without === undefined ? items : withoutCondition(items, without);
    const store = faultyItems(broken, plan, runtime);
    return { store, broker: createBroker({ items: store, blobs, runtime }) };
  };
  const processes = [process(), process(), process()];
  const any = () => processes[Math.floor(random() * processes.length)]!.broker;

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
        told.deleted.add(topic.id);
        await any()
          .deleteTopic(NAME)
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
        const partition = Math.floor(random() * PARTITIONS);
        const fresh = process();
        const [result] = await fresh.broker
          .produce({ topic: NAME, partitions: [{ partition, batches: batchOf([`${n}`]) }] })
          .catch(() => []);
        if (result !== undefined && result.error === undefined) {
          const counts = told.appended.get(topic.id) ?? Array<number>(PARTITIONS).fill(0);
          counts[partition]!++;
          told.appended.set(topic.id, counts);
        }
        processes.push(fresh);
      }
      busy = false;
    }
  };

  /** The counter first, then the heads of the topic there is, as collection does. */
  const collector = async (): Promise<void> => {
    for (let n = 0; n < 5; n++) {
      await runtime.sleep(random() * 120);
      const floor = runtime.now() - 600_000;
      await items.update(FLOOR_KEY, { change: [set('value', floor)] });
      const holder = await items.get(topicKey(NAME));
      for (const ref of holder === undefined ? [] : partitionRefs(readTopic(holder))) {
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
      if (!told.deleted.has(id) && topic?.id !== id)
        problems.push(`${id} was made, and is not there`);
    }
    if (topic === undefined) return;
    if (told.deleted.has(topic.id)) problems.push(`${topic.id} was deleted, and is there`);
    const floor = ((await items.get(FLOOR_KEY))?.value as number | undefined) ?? 0;
    for (const ref of partitionRefs(topic)) {
      const item = await items.get(headKey(ref));
      if (item === undefined) {
        problems.push(`partition ${ref.partition} has no head`);
        continue;
      }
      const head = readHead(item);
      const written = told.appended.get(topic.id)?.[ref.partition] ?? 0;
      if (head.end < written) problems.push(`${written} appends were told, ${head.end} are there`);
      if (head.floor < floor) problems.push(`a floor is ${head.floor}, below ${floor}`);
    }
  };

  return runtime.drive(async () => {
    const actors = [maker(), maker(), maker(SLEEP_MS), maker(SLEEP_MS)];
    const others = [deleter(), writer(), collector()];
    try {
      await Promise.all([...actors, ...others]);
      for (const { store } of processes) await store.settle();
      await atRest();
    } catch (error) {
      problems.push(String(error));
    }
    return problems;
  });
};
