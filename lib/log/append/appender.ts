/**
 * Appender: all appends of a process. Decides when a flush leaves and where its bytes go.
 *
 *   append ─► pending, by partition ─┬─ small, lane free ──────────────► inline, into the head update
 *                                    ├─ small, lane busy ─ waits: more may join, one update carries all
 *                                    └─ larger ─► one WAL object for all partitions ─► lanes
 *
 * PUTs overlap, a bounded number at a time; while all are on the way, what arrives piles up and leaves
 * in larger objects. That is group commit without a timer; `lingerMs` adds one.
 */
import { StratalogError } from '../../model/errors.ts';
import type { PartitionRef } from '../../model/ids.ts';
import {
  APPEND_TIMEOUT_MS,
  DEFAULT_FLUSH_BYTES,
  MAX_IDLE_LANES,
  MAX_INLINE_BYTES,
  MAX_PENDING_APPEND_BYTES,
  MAX_PUTS_IN_FLIGHT,
} from '../../model/limits.ts';
import type { Runtime } from '../../model/runtime.ts';
import { partitionKey } from '../../storage/keys/head.ts';
import { retrying } from '../../storage/patience.ts';
import { BlobExists, type BlobStore, type ItemStore } from '../../storage/ports.ts';
import { newWalId, walKey } from '../wal.ts';
import type { Group, PlacedRun } from './group.ts';
import { Lane } from './lane.ts';
import type { Run, RunContent, RunOutcome } from './run.ts';

export interface AppenderOptions {
  readonly items: ItemStore;
  readonly blobs: BlobStore;
  readonly runtime: Runtime;
  /** How long a flush waits for more, ms. Default 0: it leaves with what one burst of I/O brought. */
  readonly lingerMs?: number;
  /** Payload of one WAL object beyond which the next one is begun. */
  readonly flushBytes?: number;
  /** Whether an append that rolls answers after the roll; for processes that freeze once they answered. */
  readonly answerAfterRoll?: boolean;
  /** Told of every commit, before its callers are. */
  readonly committed?: (ref: PartitionRef, group: Group, baseOffset: number) => void;
}

/** Runs of one partition that no flush has taken yet. */
interface Pending {
  readonly lane: Lane;
  runs: Run[];
  bytes: number;
}

export class Appender {
  readonly #options: AppenderOptions;
  readonly #flushBytes: number;
  readonly #lanes = new Map<string, Lane>();
  readonly #pending = new Map<string, Pending>();
  #pendingBytes = 0;
  #putsInFlight = 0;
  #ticks = 0;
  #flushPlanned = false;
  #unsettled = 0;
  #whenSettled: (() => void)[] = [];

  constructor(options: AppenderOptions) {
    this.#options = options;
    this.#flushBytes = options.flushBytes ?? DEFAULT_FLUSH_BYTES;
  }

  /**
   * Appends runs to one partition, in order; one outcome a run. Takes the bytes over.
   * Never rejects: what went wrong is in the outcomes.
   */
  append(ref: PartitionRef, contents: readonly RunContent[]): Promise<readonly RunOutcome[]> {
    const bytes = contents.reduce((sum, content) => sum + content.bytes.length, 0);
    if (this.#pendingBytes + bytes > MAX_PENDING_APPEND_BYTES) {
      const error = new StratalogError(
        'THROTTLING_QUOTA_EXCEEDED',
        `${this.#pendingBytes} bytes wait to become durable; this process takes ${MAX_PENDING_APPEND_BYTES}. Send again a little later.`,
        { context: { pendingBytes: this.#pendingBytes } },
      );
      return Promise.resolve(contents.map(() => ({ error })));
    }
    const arrival = this.#tick();
    const deadlineMs = this.#options.runtime.monotonicMs() + APPEND_TIMEOUT_MS;
    const pending = this.#pendingOf(ref);
    const outcomes = contents.map(
      (content) =>
        new Promise<RunOutcome>((resolve) => {
          this.#unsettled++;
          this.#pendingBytes += content.bytes.length;
          const settle = (outcome: RunOutcome): void => {
            this.#pendingBytes -= content.bytes.length;
            this.#unsettled--;
            if (this.#unsettled === 0) this.#tellSettled();
            resolve(outcome);
          };
          pending.runs.push({ ...content, arrival, deadlineMs, settle });
          pending.bytes += content.bytes.length;
        }),
    );
    this.#planFlush();
    return Promise.all(outcomes);
  }

  /** Resolves when everything appended so far is settled and no roll is under way. */
  async settled(): Promise<void> {
    if (this.#unsettled > 0) {
      await new Promise<void>((resolve) => this.#whenSettled.push(resolve));
    }
    await Promise.all([...this.#lanes.values()].map((lane) => lane.settled()));
  }

  #planFlush(): void {
    if (this.#flushPlanned) return;
    this.#flushPlanned = true;
    const { runtime, lingerMs = 0 } = this.#options;
    const flush = (): void => {
      this.#flushPlanned = false;
      this.#flush();
    };
    if (lingerMs > 0) void runtime.sleep(lingerMs).then(flush);
    else runtime.defer(flush);
  }

  /** Sends off what can leave now; the rest leaves when a lane or a PUT comes free. */
  #flush(): void {
    let object: { lane: Lane; runs: Run[] }[] = [];
    let objectBytes = 0;
    const send = (): void => {
      if (object.length > 0) this.#sendObject(object);
      object = [];
      objectBytes = 0;
    };
    for (const [key, pending] of this.#pending) {
      if (pending.bytes <= MAX_INLINE_BYTES && pending.lane.takesInline(pending.bytes)) {
        if (pending.lane.busy) continue;
        this.#pending.delete(key);
        const placed = pending.runs.map((run): PlacedRun => ({ run, place: 'inline' }));
        pending.lane.push({ runs: pending.runs, placed: Promise.resolve(placed) });
        continue;
      }
      while (pending.runs.length > 0 && this.#putsInFlight < MAX_PUTS_IN_FLIGHT) {
        const runs = takeRuns(pending, this.#flushBytes - objectBytes);
        object.push({ lane: pending.lane, runs });
        objectBytes += runs.reduce((sum, run) => sum + run.bytes.length, 0);
        if (objectBytes >= this.#flushBytes) send();
      }
      if (pending.runs.length === 0) this.#pending.delete(key);
    }
    send();
  }

  /** One WAL object for the runs of several partitions. */
  #sendObject(parts: readonly { readonly lane: Lane; readonly runs: readonly Run[] }[]): void {
    const { runtime } = this.#options;
    const all = parts.flatMap(({ runs }) => runs);
    const placed = this.#putObject(all, runtime.now());
    let first = 0;
    for (const { lane, runs } of parts) {
      const [from, to] = [first, first + runs.length];
      first = to;
      lane.push({ runs, placed: placed.then((whole) => whole.slice(from, to)) });
    }
  }

  async #putObject(runs: readonly Run[], timeMs: number): Promise<readonly PlacedRun[]> {
    const { blobs, runtime } = this.#options;
    const objectId = newWalId(runtime, timeMs);
    const buffers = runs.map((run) => run.bytes);
    const deadlineMs = runtime.monotonicMs() + APPEND_TIMEOUT_MS;
    this.#putsInFlight++;
    try {
      await retrying(runtime, deadlineMs, () => blobs.put(walKey(objectId), buffers));
    } catch (error) {
      // The key is random and ours: that it exists is an earlier attempt's success.
      if (!(error instanceof BlobExists)) throw error;
    } finally {
      this.#putsInFlight--;
      if (this.#pending.size > 0) this.#planFlush();
    }
    let position = 0;
    return runs.map((run) => {
      const place = { objectId, position };
      position += run.bytes.length;
      return { run, place };
    });
  }

  #pendingOf(ref: PartitionRef): Pending {
    const key = partitionKey(ref);
    let pending = this.#pending.get(key);
    if (pending === undefined) {
      pending = { lane: this.#laneOf(key, ref), runs: [], bytes: 0 };
      this.#pending.set(key, pending);
    }
    return pending;
  }

  #laneOf(key: string, ref: PartitionRef): Lane {
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      const { items, runtime, committed = () => {}, answerAfterRoll = false } = this.#options;
      lane = new Lane(ref, {
        items,
        runtime,
        answerAfterRoll,
        committed,
        tick: () => this.#tick(),
        placeInObject: (runs, notBeforeMs) =>
          this.#putObject(runs, Math.max(runtime.now(), notBeforeMs)),
        idle: () => this.#laneIdle(key),
      });
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  #laneIdle(key: string): void {
    if (this.#pending.size > 0) this.#planFlush();
    // Forgetting a lane costs its next append one read.
    if (this.#lanes.size > MAX_IDLE_LANES && !this.#pending.has(key)) this.#lanes.delete(key);
  }

  #tick(): number {
    this.#ticks++;
    return this.#ticks;
  }

  #tellSettled(): void {
    for (const tell of this.#whenSettled.splice(0)) tell();
  }
}

/** Takes runs from the front, at least one, until `roomBytes` are full. */
const takeRuns = (pending: Pending, roomBytes: number): Run[] => {
  let count = 0;
  let bytes = 0;
  while (count < pending.runs.length) {
    bytes += pending.runs[count]!.bytes.length;
    count++;
    if (bytes >= roomBytes) break;
  }
  const taken = pending.runs.splice(0, count);
  pending.bytes -= taken.reduce((sum, run) => sum + run.bytes.length, 0);
  return taken;
};
