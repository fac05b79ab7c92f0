/**
 * Lane: the appends of one partition in one process. One head update in flight, in order of arrival.
 *
 *   shares ──► queue of placed runs ──► group ──► update ──► settle ──► next group
 *                     ▲                             │ anything but success
 *                     └──── never: runs go back ◄── resolve ── unknown ──► send again, unchanged
 *
 * A roll runs beside the updates; only a full tail waits for it.
 */
import { StratalogError } from '../../model/errors.ts';
import type { PartitionRef } from '../../model/ids.ts';
import { APPEND_TIMEOUT_MS } from '../../model/limits.ts';
import type { Runtime } from '../../model/runtime.ts';
import type { Item } from '../../storage/algebra.ts';
import { headKey, partitionKey, readHead } from '../../storage/keys/head.ts';
import { producerKey, readProducer } from '../../storage/keys/producer.ts';
import { ConditionFailed, type ItemStore, StoreError } from '../../storage/ports.ts';
import { walTime } from '../wal.ts';
import { backoffMs } from './backoff.ts';
import { refuseRun } from './duplicate.ts';
import { contended, outcomeUnknown, partitionGone, storageFailure } from './failures.ts';
import { formGroup, type Group, type PlacedRun } from './group.ts';
import { resolveAppend } from './resolve.ts';
import { crossesRollMark, rollTail } from './roll.ts';
import type { Run } from './run.ts';
import { type View, ViewKeeper } from './view.ts';

/** What a lane needs of the process it is in. */
export interface LaneContext {
  readonly items: ItemStore;
  readonly runtime: Runtime;
  /** The next number of the process's event count: later events have larger ones. */
  readonly tick: () => number;
  /** Makes runs durable in a new object that is not older than `notBeforeMs`. */
  readonly placeInObject: (
    runs: readonly Run[],
    notBeforeMs: number,
  ) => Promise<readonly PlacedRun[]>;
  /** Told of every commit, before its callers are. */
  readonly committed: (ref: PartitionRef, group: Group, baseOffset: number) => void;
  /** Told when the lane has nothing left to do. */
  readonly idle: () => void;
  /** Whether an append that rolls answers only after the roll (the process may freeze when it has answered). */
  readonly answerAfterRoll: boolean;
}

/** Runs that become durable together. */
export interface Share {
  readonly runs: readonly Run[];
  /** Rejects when they could not be made durable. */
  readonly placed: Promise<readonly PlacedRun[]>;
}

interface WaitingShare extends Share {
  /** What `placed` resolved with. */
  ready?: readonly PlacedRun[];
}

type Outcome =
  | { readonly kind: 'applied'; readonly base: number; readonly logStartOffset: number }
  | { readonly kind: 'never' }
  | { readonly kind: 'failed'; readonly error: StratalogError };

const appliedAt = (head: Item, base: number): Outcome => ({
  kind: 'applied',
  base,
  logStartOffset: readHead(head).start,
});

/** Refusals after which even a plain retry waits: something is off, or the contention is heavy. */
const IMPATIENT_ATTEMPTS = 4;

export class Lane {
  readonly #ref: PartitionRef;
  readonly #context: LaneContext;
  readonly #views = new ViewKeeper();
  readonly #shares: WaitingShare[] = [];
  #queue: PlacedRun[] = [];
  #working = false;
  #roll: Promise<void> | undefined;
  #firstRead: Promise<void> | undefined;

  constructor(ref: PartitionRef, context: LaneContext) {
    this.#ref = ref;
    this.#context = context;
  }

  get busy(): boolean {
    return this.#working;
  }

  /** Resolves when the roll under way, if any, is through. */
  async settled(): Promise<void> {
    await this.#roll;
  }

  /** Takes runs over; every one of them is settled some time, whatever happens. */
  push(share: Share): void {
    const waiting: WaitingShare = { ...share };
    this.#shares.push(waiting);
    share.placed.then(
      (placed) => {
        waiting.ready = placed;
      },
      () => undefined,
    );
    if (this.#working) return;
    // A head never seen is read beside the PUT; whether that went well is asked when it is needed.
    if (this.#views.current === undefined) this.#firstRead = this.#refresh().catch(() => undefined);
    void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#queue.length > 0 || this.#shares.length > 0) {
      await this.#takeShares();
      if (this.#queue.length === 0) continue;
      try {
        await this.#commitNext();
      } catch (error) {
        // A read failed for good: nothing of the queue was sent.
        this.#failQueue(error);
      }
    }
    this.#working = false;
    this.#context.idle();
  }

  /** Moves the shares whose bytes are durable into the queue; waits for the first when that is empty. */
  async #takeShares(): Promise<void> {
    while (this.#shares.length > 0) {
      const share = this.#shares[0]!;
      if (share.ready === undefined && this.#queue.length > 0) return;
      try {
        this.#queue.push(...(share.ready ?? (await share.placed)));
      } catch (error) {
        const failure = storageFailure(error, 'The bytes could not be made durable', 'none');
        for (const run of share.runs) run.settle({ error: failure });
      }
      this.#shares.shift();
    }
  }

  async #commitNext(): Promise<void> {
    const view = await this.#usableView();
    if (view === undefined) return this.#failQueue(partitionGone(this.#ref, 'none'));
    const departed = await this.#departedProducers(view);
    const { taken, group, refused } = formGroup(
      this.#queue,
      { head: view.head, departed },
      this.#context.runtime,
    );
    if (group === undefined) {
      if (refused === undefined) return;
      return this.#refuse(refused.placed, refused.verdict, view);
    }
    this.#queue.splice(0, taken);
    const outcome = await this.#commit(group);
    switch (outcome.kind) {
      case 'applied':
        this.#settle(group, outcome.base, outcome.logStartOffset);
        break;
      case 'never':
        await this.#requeue(group);
        break;
      case 'failed':
        for (const { run } of group.runs) run.settle({ error: outcome.error });
        break;
    }
  }

  /** A view to form a group by, read from the store when there is none or it is probably stale. */
  async #usableView(): Promise<View | undefined> {
    await this.#firstRead;
    this.#firstRead = undefined;
    if (this.#views.isStale(this.#context.runtime.monotonicMs())) await this.#refresh();
    return this.#views.current;
  }

  async #refresh(): Promise<void> {
    const { items, runtime, tick } = this.#context;
    const begunAt = tick();
    const item = await this.#retrying(() => items.get(headKey(this.#ref)));
    if (item === undefined) this.#views.forget();
    else this.#views.adopt(item, begunAt, runtime.monotonicMs());
  }

  /** What the head has forgotten of the queue's producers; read after the view. */
  async #departedProducers(view: View): Promise<ReadonlyMap<number, number>> {
    const unknown = new Set<number>();
    for (const { run } of this.#queue) {
      const id = run.producer?.producerId;
      if (id !== undefined && view.head.producers[id] === undefined) unknown.add(id);
    }
    const ranks = new Map<number, number>();
    if (unknown.size === 0) return ranks;
    const ids = [...unknown];
    const pk = partitionKey(this.#ref);
    const found = await this.#retrying(() =>
      this.#context.items.getMany(ids.map((id) => producerKey(pk, String(id)))),
    );
    found.forEach((item, index) => {
      if (item !== undefined) ranks.set(ids[index]!, readProducer(item).rank);
    });
    return ranks;
  }

  /** Refuses the first run of the queue, unless the view is older than it: then reads again. */
  async #refuse(
    placed: PlacedRun,
    verdict: Parameters<typeof refuseRun>[3],
    view: View,
  ): Promise<void> {
    const conclusive = verdict.kind === 'duplicate' || verdict.kind === 'old-epoch';
    if (!conclusive && view.begunAt <= placed.run.arrival) return this.#refresh();
    this.#queue.shift();
    const { items } = this.#context;
    try {
      placed.run.settle(await refuseRun(items, this.#ref, placed.run, verdict, view.head));
    } catch (error) {
      placed.run.settle({ error: storageFailure(error, 'The log could not be searched', 'none') });
    }
  }

  /** Sends the group's update, and again, until its outcome is known or the time is up. */
  async #commit(group: Group): Promise<Outcome> {
    const { items, runtime, tick } = this.#context;
    const deadlineMs = runtime.monotonicMs() + APPEND_TIMEOUT_MS;
    /** A copy was sent that may yet be applied, whatever it was answered. */
    let sent = false;
    /** An answer left open whether it was. */
    let doubtful = false;
    for (let attempt = 0; ; attempt++) {
      const begunAt = tick();
      let doubt: unknown;
      try {
        const item = await items.update(headKey(this.#ref), group.update);
        this.#views.adopt(item, begunAt, runtime.monotonicMs(), group.recordCount);
        this.#rollIfDue(group);
        const { end } = readHead(item);
        return appliedAt(item, end - group.recordCount);
      } catch (error) {
        doubt = error;
      }
      const refusedBeforehand = doubt instanceof StoreError && doubt.effect === 'none';
      sent ||= !refusedBeforehand;
      doubtful ||= !refusedBeforehand && !(doubt instanceof ConditionFailed);
      const final = doubt instanceof StoreError && refusedBeforehand && !doubt.retriable;
      if (final || runtime.monotonicMs() >= deadlineMs) {
        const error = sent
          ? outcomeUnknown(this.#ref, doubt)
          : storageFailure(doubt, 'The append was refused', 'none');
        return { kind: 'failed', error };
      }
      if (!(doubt instanceof ConditionFailed) || attempt > IMPATIENT_ATTEMPTS) {
        await runtime.sleep(backoffMs(attempt, runtime));
      }
      if (!sent) continue;
      const outcome = await this.#resolve(group, doubt, begunAt, doubtful);
      if (outcome !== 'send-again') return outcome;
    }
  }

  /** Finds out what became of an update that was not answered by success. */
  async #resolve(
    group: Group,
    doubt: unknown,
    begunAt: number,
    doubtful: boolean,
  ): Promise<Outcome | 'send-again'> {
    const { items, runtime } = this.#context;
    try {
      const refusedBy = doubt instanceof ConditionFailed ? doubt.item : undefined;
      const item = refusedBy ?? (await this.#retrying(() => items.get(headKey(this.#ref))));
      const resolution = await this.#retrying(() => resolveAppend(items, this.#ref, group, item));
      if ('item' in resolution) this.#views.adopt(resolution.item, begunAt, runtime.monotonicMs());
      switch (resolution.kind) {
        case 'applied':
          return appliedAt(resolution.item, resolution.base);
        case 'never':
          return { kind: 'never' };
        case 'gone':
          this.#views.forget();
          return { kind: 'failed', error: partitionGone(this.#ref, doubtful ? 'unknown' : 'none') };
        case 'unknown':
          return { kind: 'failed', error: outcomeUnknown(this.#ref, doubt) };
        case 'send-again-once-rolled':
          await (this.#roll ?? this.#startRoll());
          return 'send-again';
        case 'send-again':
          return 'send-again';
      }
    } catch (error) {
      return { kind: 'failed', error: outcomeUnknown(this.#ref, error) };
    }
  }

  #settle(group: Group, base: number, logStartOffset: number): void {
    this.#context.committed(this.#ref, group, base);
    let offset = base;
    const outcomes = group.runs.map(({ run }) => {
      const baseOffset = offset;
      offset += run.recordCount;
      return () => run.settle({ baseOffset, logStartOffset });
    });
    const answer = (): void => {
      for (const settle of outcomes) settle();
    };
    if (this.#context.answerAfterRoll && this.#roll !== undefined) void this.#roll.then(answer);
    else answer();
  }

  /** The update can never land: its runs are judged afresh, those in objects below the floor placed anew. */
  async #requeue(group: Group): Promise<void> {
    const nowMs = this.#context.runtime.monotonicMs();
    const alive = group.runs.filter(({ run }) => {
      if (run.deadlineMs > nowMs) return true;
      run.settle({ error: contended(this.#ref) });
      return false;
    });
    const floor = this.#views.current?.head.floor ?? 0;
    const isBelow = ({ place }: PlacedRun): boolean =>
      place !== 'inline' && walTime(place.objectId) < floor;
    if (!alive.some(isBelow)) {
      this.#queue.unshift(...alive);
      return;
    }
    const runs = alive.map(({ run }) => run);
    try {
      this.#queue.unshift(...(await this.#context.placeInObject(runs, floor)));
    } catch (error) {
      const failure = storageFailure(error, 'The bytes could not be made durable again', 'none');
      for (const run of runs) run.settle({ error: failure });
    }
  }

  #rollIfDue(group: Group): void {
    const head = this.#views.current?.head;
    if (head === undefined || this.#roll !== undefined) return;
    if (!crossesRollMark(head, group.entries.length, group.entriesBytes)) return;
    this.#startRoll();
  }

  #startRoll(): Promise<void> {
    const { items, runtime, tick } = this.#context;
    const begunAt = tick();
    const roll = async (): Promise<void> => {
      const head = this.#views.current?.head;
      if (head === undefined) return;
      try {
        const item = await rollTail(items, runtime, this.#ref, head);
        if (item !== undefined) this.#views.adopt(item, begunAt, runtime.monotonicMs());
      } catch (error) {
        // The tail is still there: the next mark, or the append that finds it full, rolls again.
        if (!(error instanceof StoreError || error instanceof StratalogError)) throw error;
      }
    };
    this.#roll = roll().finally(() => {
      this.#roll = undefined;
    });
    return this.#roll;
  }

  #failQueue(error: unknown): void {
    const failure = storageFailure(error, 'The partition could not be read', 'none');
    for (const { run } of this.#queue.splice(0)) run.settle({ error: failure });
  }

  /** Reads are safe to repeat. */
  async #retrying<T>(read: () => Promise<T>): Promise<T> {
    const { runtime } = this.#context;
    const deadlineMs = runtime.monotonicMs() + APPEND_TIMEOUT_MS;
    for (let attempt = 0; ; attempt++) {
      try {
        return await read();
      } catch (error) {
        const again = error instanceof StoreError && error.retriable;
        if (!again || runtime.monotonicMs() >= deadlineMs) throw error;
        await runtime.sleep(backoffMs(attempt, runtime));
      }
    }
  }
}
