/**
 * Lane: the appends of one partition in one process. One head update in flight, in order of arrival.
 *
 *   shares ──► queue of placed runs ──► group ──► commit ──► settle ──► next group
 *                     ▲                             │
 *                     └────── runs go back ◄── never
 *
 * Every run is settled some time, whatever happens: with its offset, or with why there is none.
 */
import type { PartitionRef } from '../../model/ids.ts';
import {
  APPEND_TIMEOUT_MS,
  MAX_CROWD_INLINE_BYTES,
  MAX_ENTRIES_PER_UPDATE,
  MIN_COMMIT_TIMEOUT_MS,
} from '../../model/limits.ts';
import type { Runtime } from '../../model/runtime.ts';
import { headKey, ifHead, partitionKey } from '../../storage/keys/head.ts';
import { producerKey, readProducer } from '../../storage/keys/producer.ts';
import { retrying } from '../../storage/patience.ts';
import type { ItemStore } from '../../storage/ports.ts';
import { storageFailure } from '../storage-errors.ts';
import { walTime } from '../wal.ts';
import { commitGroup } from './commit.ts';
import { refuseRun } from './duplicate.ts';
import { outOfTime, partitionGone } from './failures.ts';
import { formGroup, type Group, isFinal, type PlacedRun, type Refused } from './group.ts';
import { Roller } from './roller.ts';
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

export class Lane {
  readonly #ref: PartitionRef;
  readonly #context: LaneContext;
  readonly #views = new ViewKeeper();
  readonly #roller: Roller;
  readonly #shares: WaitingShare[] = [];
  #queue: PlacedRun[] = [];
  #working = false;
  #firstRead: Promise<void> | undefined;

  constructor(ref: PartitionRef, context: LaneContext) {
    this.#ref = ref;
    this.#context = context;
    this.#roller = new Roller(ref, context, this.#views);
  }

  get busy(): boolean {
    return this.#working;
  }

  /**
   * Whether so many bytes may lie in the head itself. In a crowd everybody's would, until a roll is through, and
   * every append would pay for them.
   */
  takesInline(bytes: number): boolean {
    return this.#views.crowd * bytes <= MAX_CROWD_INLINE_BYTES;
  }

  /** Resolves when the roll under way, if any, is through. */
  async settled(): Promise<void> {
    await this.#roller.underWay;
  }

  /** Takes runs over. */
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
      this.#dropExpired();
      if (this.#queue.length === 0) continue;
      try {
        await this.#commitNext();
      } catch (error) {
        // A read failed for good: nothing of the queue was sent.
        this.#failAll(this.#takeQueue(), error, 'The partition could not be read');
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
        const placed = share.ready ?? (await share.placed);
        this.#queue = this.#queue.concat(placed);
      } catch (error) {
        this.#failRuns(share.runs, error, 'The bytes could not be made durable');
      }
      this.#shares.shift();
    }
  }

  /** Nothing of the queue is under way: what has waited too long did certainly not happen. */
  #dropExpired(): void {
    const nowMs = this.#context.runtime.monotonicMs();
    const isExpired = ({ run }: PlacedRun): boolean => run.deadlineMs <= nowMs;
    if (!this.#queue.some(isExpired)) return;
    for (const { run } of this.#queue.filter(isExpired)) {
      run.settle({ error: outOfTime(this.#ref) });
    }
    this.#queue = this.#queue.filter((placed) => !isExpired(placed));
  }

  async #commitNext(): Promise<void> {
    const { items, runtime, tick } = this.#context;
    const view = await this.#usableView();
    if (view === undefined) {
      return this.#failAll(this.#takeQueue(), partitionGone(this.#ref, 'none'), '');
    }
    const candidates = this.#candidates();
    const departed = await this.#departedProducers(candidates, view);
    const formed = formGroup(candidates, { head: view.head, departed }, runtime);
    if ('verdict' in formed) return this.#refuse(formed, view);

    this.#queue = this.#queue.slice(formed.runs.length);
    const nowMs = runtime.monotonicMs();
    const firstDeadlineMs = Math.min(...formed.runsOfEntry.map(([first]) => first!.run.deadlineMs));
    const outcome = await commitGroup(
      { items, runtime, tick, ref: this.#ref, views: this.#views, roller: this.#roller },
      formed,
      Math.max(firstDeadlineMs, nowMs + MIN_COMMIT_TIMEOUT_MS),
    );
    switch (outcome.kind) {
      case 'applied':
        return this.#settle(formed, outcome.base, outcome.logStartOffset);
      case 'never':
        return this.#requeue(formed);
      case 'failed':
        return this.#failAll(formed.runs, outcome.error, '');
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
    const item = ifHead(await this.#reading(() => items.get(headKey(this.#ref))));
    if (item === undefined) this.#views.forget();
    else this.#views.adopt(item, begunAt, runtime.monotonicMs());
  }

  /** The front of the queue, as far as one update could carry it: each producer takes an entry of its own. */
  #candidates(): readonly PlacedRun[] {
    const producers = new Set<number>();
    let count = 0;
    for (const { run } of this.#queue) {
      if (run.producer !== undefined) producers.add(run.producer.producerId);
      if (producers.size > MAX_ENTRIES_PER_UPDATE) break;
      count++;
    }
    return count === this.#queue.length ? this.#queue : this.#queue.slice(0, count);
  }

  /** What the head has forgotten of these runs' producers; read after the view. */
  async #departedProducers(
    runs: readonly PlacedRun[],
    view: View,
  ): Promise<ReadonlyMap<number, number>> {
    const unknown = new Set<number>();
    for (const { run } of runs) {
      const id = run.producer?.producerId;
      if (id !== undefined && view.head.producers[id] === undefined) unknown.add(id);
    }
    const ranks = new Map<number, number>();
    if (unknown.size === 0) return ranks;
    const ids = [...unknown];
    const pk = partitionKey(this.#ref);
    const found = await this.#reading(() =>
      this.#context.items.getMany(ids.map((id) => producerKey(pk, String(id)))),
    );
    found.forEach((item, index) => {
      if (item !== undefined) ranks.set(ids[index]!, readProducer(item).rank);
    });
    return ranks;
  }

  /** Refuses the first run of the queue, unless the view is older than it: then reads again. */
  async #refuse({ placed, verdict }: Refused, view: View): Promise<void> {
    if (!isFinal(verdict) && view.begunAt <= placed.run.arrival) return this.#refresh();
    this.#queue = this.#queue.slice(1);
    const { items } = this.#context;
    placed.run.settle(await refuseRun(items, this.#ref, placed.run, verdict, view.head));
  }

  #settle(group: Group, base: number, logStartOffset: number): void {
    let offset = base;
    const answers = group.runs.map(({ run }) => {
      const baseOffset = offset;
      offset += run.recordCount;
      return () => run.settle({ baseOffset, logStartOffset });
    });
    const answer = (): void => {
      for (const settle of answers) settle();
    };
    try {
      this.#context.committed(this.#ref, group, base);
    } finally {
      const roll = this.#context.answerAfterRoll ? this.#roller.underWay : undefined;
      if (roll === undefined) answer();
      else void roll.then(answer);
    }
  }

  /** The update can never land: its runs are judged afresh, those in objects below the floor placed anew. */
  async #requeue({ runs }: Group): Promise<void> {
    const floor = this.#views.current?.head.floor ?? 0;
    const isBelow = ({ place }: PlacedRun): boolean =>
      place !== 'inline' && walTime(place.objectId) < floor;
    if (!runs.some(isBelow)) {
      this.#queue = runs.concat(this.#queue);
      return;
    }
    const bare = runs.map(({ run }) => run);
    try {
      this.#queue = (await this.#context.placeInObject(bare, floor)).concat(this.#queue);
    } catch (error) {
      this.#failRuns(bare, error, 'The bytes could not be made durable again');
    }
  }

  #takeQueue(): readonly PlacedRun[] {
    const queue = this.#queue;
    this.#queue = [];
    return queue;
  }

  #failAll(placed: readonly PlacedRun[], error: unknown, what: string): void {
    this.#failRuns(
      placed.map(({ run }) => run),
      error,
      what,
    );
  }

  /** `what` failed with `error`, before anything was sent; a StratalogError tells its own. */
  #failRuns(runs: readonly Run[], error: unknown, what: string): void {
    const failure = storageFailure(error, what, 'none');
    for (const run of runs) run.settle({ error: failure });
  }

  #reading<T>(read: () => Promise<T>): Promise<T> {
    const { runtime } = this.#context;
    return retrying(runtime, runtime.monotonicMs() + APPEND_TIMEOUT_MS, read);
  }
}
