/**
 * Actors that judge by what they have read: those who append at the end they saw, and those who delete
 * what is old.
 */
import type { RunOutcome } from '../../lib/log/append/run.ts';
import { deleteRecords } from '../../lib/log/delete-records.ts';
import { locator } from '../../lib/log/fetch/locate.ts';
import type { StratalogError } from '../../lib/model/errors.ts';
import type { PartitionRef } from '../../lib/model/ids.ts';
import { headKey, readHead } from '../../lib/storage/keys/head.ts';
import type { ItemStore } from '../../lib/storage/ports.ts';
import { batchOf, type Stores } from '../support/log.ts';
import type { VirtualRuntime } from '../support/virtual-runtime.ts';

/** A deletion of records, and what was told of it. */
export interface Cut {
  readonly before: number | 'latest';
  /** The log start offset afterwards, or why it is not known. */
  outcome: number | StratalogError | undefined;
}

/** What an actor sends: two batches now and then, at the end that was read. */
export interface CarefulSend {
  readonly values: readonly string[];
  readonly batches: readonly Uint8Array[];
  readonly producerId: number | undefined;
  readonly expectedEnd: number;
}

/** What the actors need of their world. */
export interface Scene {
  readonly runtime: VirtualRuntime;
  readonly stores: Stores;
  readonly ref: PartitionRef;
  readonly sendsPerClient: number;
  readonly cuts: Cut[];
  readonly valuesOf: (who: string, n: number) => string[];
  /** To a process drawn by lot. */
  readonly send: (what: CarefulSend) => Promise<RunOutcome>;
  /** The items as a process drawn by lot sees them. */
  readonly anyItems: () => ItemStore;
}

const headNow = async ({ stores, ref }: Scene) => readHead((await stores.items.get(headKey(ref)))!);

/** Reads the end, and appends there; decides anew when somebody else was first. */
export const rival = async (scene: Scene, who: string): Promise<void> => {
  const { runtime, sendsPerClient, valuesOf, send } = scene;
  const { random } = runtime;
  for (let n = 0; n < sendsPerClient; n++) {
    await runtime.sleep(random() * 120);
    for (let attempt = 0; attempt < 3; attempt++) {
      // Now and then from what it only believes.
      const expectedEnd = (await headNow(scene)).end + (random() < 0.05 ? 1 : 0);
      const values = valuesOf(`${who}r${attempt}`, n);
      const batches = random() < 0.5 ? values.map((value) => batchOf([value])) : [batchOf(values)];
      const outcome = await send({ values, batches, producerId: undefined, expectedEnd });
      if (!('error' in outcome)) break;
    }
  }
};

/**
 * The same with sequences: sends each decision until it is told what became of it, sometimes to two
 * processes at once. What was refused is not in the log, so the next decision has the same sequence.
 */
export const sureRival = async (scene: Scene, producerId: number): Promise<void> => {
  const { runtime, sendsPerClient, valuesOf, send } = scene;
  const { random } = runtime;
  let sequence = 0;
  for (let n = 0; n < 3 * sendsPerClient; n++) {
    await runtime.sleep(random() * 80);
    const expectedEnd = (await headNow(scene)).end;
    const values = valuesOf(`s${producerId}`, n);
    const batches = values.map((value, index) =>
      batchOf([value], { producerId, producerEpoch: 0, baseSequence: sequence + index }),
    );
    const told = (outcome: RunOutcome) => !('error' in outcome) || isRefusal(outcome.error);
    for (let attempt = 0; ; attempt++) {
      const copies = Array.from({ length: random() < 0.3 ? 2 : 1 }, () =>
        send({ values, batches, producerId, expectedEnd }),
      );
      const outcomes = await Promise.all(copies);
      if (outcomes.some((outcome) => !('error' in outcome))) sequence += values.length;
      if (outcomes.some(told)) break;
      if (attempt === 8) return;
      await runtime.sleep(random() * 100);
    }
  }
};

const isRefusal = ({ code }: StratalogError): boolean => code === 'UNEXPECTED_LOG_END';

/** Deletes what is old, or all there is. */
export const trimmer = async (scene: Scene): Promise<void> => {
  const { runtime, ref, cuts, anyItems } = scene;
  const { random } = runtime;
  for (let n = 0; n < 5; n++) {
    await runtime.sleep(random() * 200);
    const { start, end } = await headNow(scene);
    const before =
      random() < 0.2 ? ('latest' as const) : start + Math.floor(random() * (end - start + 1));
    const cut: Cut = { before, outcome: undefined };
    cuts.push(cut);
    const items = anyItems();
    const reading = { items, locator: locator(items, 1 << 16) };
    cut.outcome = await deleteRecords(reading, runtime, ref, before).catch(
      (error: StratalogError) => error,
    );
  }
};
