/**
 * A small world around the committed offsets of one group: a reader that has partition 0 for itself and
 * commits through any process, and owners of partition 1 that follow each other, the old ones not knowing
 * it. Every write comes late, again, or is doubted. When all is at rest, what was told must be so.
 */
import { createBroker } from '../../lib/broker/broker.ts';
import { findTopic, partitionRefs } from '../../lib/log/topics/find.ts';
import type { Effect, StratalogError } from '../../lib/model/errors.ts';
import { groupId, topicName } from '../../lib/model/ids.ts';
import { type Item, type ItemKey, set } from '../../lib/storage/algebra.ts';
import { faultyItems } from '../../lib/storage/faulty/items.ts';
import { randomFaults } from '../../lib/storage/faulty/plans.ts';
import { withoutCondition } from '../../lib/storage/faulty/without-condition.ts';
import { groupOffsetKey, readFence } from '../../lib/storage/keys/group-offset.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import type { ItemStore } from '../../lib/storage/ports.ts';
import { revise } from '../../lib/storage/revise.ts';
import { virtualRuntime } from '../support/virtual-runtime.ts';

const TOPIC = topicName('orders');
const GROUP = groupId('readers');
const EPOCHS = 3;
/** Offsets tell who committed them: the epoch in thousands. */
const PER_EPOCH = 1_000;
const RATES = {
  repeat: 0.3,
  delay: 0.2,
  late: 0.08,
  loseAnswer: 0.08,
  denySuccess: 0.06,
  fail: 0.05,
  refuse: 0.03,
};

interface Commit {
  readonly offset: number;
  readonly told: 'done' | Effect;
}

/** A sentence for each rule that the seed's world breaks; `without` takes one named condition out of every write. */
export const offsetViolations = (seed: number, without?: string): Promise<readonly string[]> => {
  const runtime = virtualRuntime(seed);
  const { random } = runtime;
  const history = new Map<string, Item[]>();
  const items = noting(memoryItems(), history);
  const blobs = memoryBlobs();

  const process = () => {
    const broken = without === undefined ? items : withoutCondition(items, without);
    const plan = randomFaults(random, RATES, { slowMs: 30, lateMs: 600 });
    const store = faultyItems(broken, plan, runtime);
    return { store, broker: createBroker({ items: store, blobs, runtime }) };
  };
  const processes = [process(), process(), process()];
  const any = () => processes[Math.floor(random() * processes.length)]!;

  const commit = async (partition: number, epoch: number, offset: number): Promise<Commit> => {
    const request = { group: GROUP, epoch, offsets: [{ topic: TOPIC, partition, offset }] };
    const error = await any()
      .broker.commitOffsets(request)
      .then(([result]) => result!.error)
      .catch((thrown: StratalogError) => thrown);
    return { offset, told: error === undefined ? 'done' : error.effect };
  };

  const alone: Commit[] = [];
  const loner = async (): Promise<void> => {
    for (let n = 0; n < 12; n++) {
      await runtime.sleep(random() * 60);
      alone.push(await commit(0, 0, n));
    }
  };

  const shared: Commit[] = [];
  /** What each owner found when it took the partition over. */
  const found: { readonly epoch: number; readonly offset: number }[] = [];
  const owner = async (key: ItemKey, epoch: number): Promise<void> => {
    await runtime.sleep(epoch * 150 + random() * 100);
    // What a member's first fetch does.
    const fenced = await revise(any().store, runtime, {
      key,
      what: 'the fence',
      judge: (item) => ({ change: [set('fence', Math.max(readFence(item), epoch))] }),
      repeatable: true,
    }).catch(() => undefined);
    if (fenced === undefined) return;
    if (readFence(fenced) === epoch)
      found.push({ epoch, offset: (fenced.offset as number | undefined) ?? -1 });
    for (let n = 0; n < 8; n++) {
      await runtime.sleep(random() * 60);
      shared.push(await commit(1, epoch, epoch * PER_EPOCH + n));
    }
  };

  return runtime.drive(async () => {
    await createBroker({ items, blobs, runtime }).createTopic({ name: TOPIC, partitions: 2 });
    const keys = partitionRefs(await findTopic(items, TOPIC)).map((ref) =>
      groupOffsetKey(GROUP, ref),
    );
    const owners = Array.from({ length: EPOCHS }, (_, epoch) => owner(keys[1]!, epoch + 1));
    await Promise.all([loner(), ...owners]);
    for (const { store } of processes) await store.settle();
    const [ofLoner, ofOwners] = keys.map(({ sk }) => history.get(sk) ?? []);
    return [...lonerViolations(alone, ofLoner!), ...ownerViolations(shared, found, ofOwners!)];
  });
};

/** The offsets that an item had, one after the other. */
const offsetsOf = (versions: readonly Item[]): number[] =>
  versions
    .map(({ offset }) => (offset as number | undefined) ?? -1)
    .filter((offset, index, all) => offset !== all[index - 1]);

const lonerViolations = (commits: readonly Commit[], versions: readonly Item[]): string[] => {
  const problems: string[] = [];
  const offsets = offsetsOf(versions);
  if (offsets.some((offset, index) => index > 0 && offset < offsets[index - 1]!))
    problems.push(`one who commits upwards went ${offsets.join(', ')}`);
  const last = commits.findLastIndex(({ told }) => told === 'done');
  const may = commits.filter(
    ({ told }, index) => index === last || (index > last && told !== 'none'),
  );
  const end = offsets.at(-1) ?? -1;
  if (last >= 0 && !may.some(({ offset }) => offset === end))
    problems.push(`${commits[last]!.offset} was committed last, ${end} is there`);
  for (const { offset, told } of commits) {
    if (told === 'none' && offsets.includes(offset))
      problems.push(`${offset} was told not to be committed, and was`);
  }
  return problems;
};

const ownerViolations = (
  commits: readonly Commit[],
  found: readonly { readonly epoch: number; readonly offset: number }[],
  versions: readonly Item[],
): string[] => {
  const problems: string[] = [];
  for (const [index, item] of versions.entries()) {
    const offset = (item.offset as number | undefined) ?? -1;
    const before = (versions[index - 1]?.offset as number | undefined) ?? -1;
    const fence = readFence(item);
    if (offset !== before && Math.floor(offset / PER_EPOCH) < fence)
      problems.push(`${offset} was committed behind the fence ${fence}`);
    if (fence < readFence(versions[index - 1])) problems.push(`a fence went back to ${fence}`);
  }
  for (const { epoch, offset } of found) {
    const then = versions.findIndex((item) => readFence(item) >= epoch);
    const there = (versions[then]?.offset as number | undefined) ?? -1;
    if (there !== offset) problems.push(`epoch ${epoch} found ${offset}, and ${there} was there`);
  }
  const offsets = offsetsOf(versions);
  for (const { offset, told } of commits) {
    if (told === 'done' && !offsets.includes(offset)) problems.push(`${offset} is lost`);
    if (told === 'none' && offsets.includes(offset))
      problems.push(`${offset} was told not to be committed, and was`);
  }
  return problems;
};

/** `store`, writing down every version of every committed offset. */
const noting = (store: ItemStore, history: Map<string, Item[]>): ItemStore => ({
  ...store,
  update: async (key, update) => {
    const item = await store.update(key, update);
    if (item.sk.startsWith('OFFSET#'))
      history.set(item.sk, [...(history.get(item.sk) ?? []), item]);
    return item;
  },
});
