/**
 * Records on their way to the service, in order per partition and in bounded memory.
 *
 *   add ─▶ open batch per partition ─(full, or its time is up)─▶ queue per partition ─▶ requests
 *
 * A request takes the waiting batches of partitions that have none under way, so the records of a
 * partition, and with them those of a key, arrive in the order they were added, while different
 * partitions travel side by side.
 */
import type { StratalogClient } from '../client/client.ts';
import type { ProduceShare } from '../client/produce.ts';
import { asStratalogError, StratalogError } from '../model/errors.ts';
import { DEFAULT_MAX_BATCH_BYTES } from '../model/limits.ts';
import { systemRuntime } from '../model/runtime.ts';
import { type BatchBuilder, batchBuilder } from '../record/encode.ts';
import type { RecordInput } from '../record/record.ts';
import { patiently } from './patience.ts';

const MAX_REQUESTS_IN_FLIGHT = 4;
/** A request takes more batches up to here; one batch goes whatever its size. */
const REQUEST_BYTES = 2 * 1024 * 1024;
/** Bytes held, sent or not; beyond it `add` waits. */
const MAX_HELD_BYTES = 32 * 1024 * 1024;
/** Bytes in open batches at which all are closed: with many partitions none gets full. */
const MAX_OPEN_BYTES = 8 * 1024 * 1024;
const FIRST_CAPACITY_BYTES = 16 * 1024;

/** Records of one batch, by the numbers of the lines they came from. */
export interface Delivery {
  readonly partition: number;
  readonly lines: readonly number[];
  /** Of the first record; the others follow. */
  readonly baseOffset: number;
}

/** Called for each batch once its fate is known; every line is told of exactly once. */
export interface OutboxEvents {
  readonly written: (delivery: Delivery) => void;
  readonly failed: (lines: readonly number[], error: StratalogError) => void;
}

interface OpenBatch {
  readonly builder: BatchBuilder;
  readonly lines: number[];
}

interface ClosedBatch {
  readonly bytes: Uint8Array;
  readonly lines: readonly number[];
}

export interface Outbox {
  /**
   * Takes a record for a partition. When it answers a promise, the next must wait for that.
   * @throws INVALID_RECORD, INVALID_TIMESTAMP: the record was not taken
   */
  add(partition: number, record: RecordInput, line: number): Promise<void> | undefined;
  /** Whether the open batch of `partition` has no room for the record. */
  isFullFor(partition: number, record: RecordInput): boolean;
  /** Lets open batches go as they are. */
  flush(): void;
  /** Resolves when everything was answered. */
  settled(): Promise<void>;
  /** Forgets what was not sent; its lines are told as failed with `error`. */
  abandon(error: StratalogError): void;
}

export const outbox = (
  client: Pick<StratalogClient, 'produce'>,
  topic: string,
  maxBatchBytes: number,
  events: OutboxEvents,
): Outbox => {
  const targetBytes = Math.min(maxBatchBytes, DEFAULT_MAX_BATCH_BYTES);
  const open = new Map<number, OpenBatch>();
  const waiting = new Map<number, ClosedBatch[]>();
  const busy = new Set<number>();
  let openBytes = 0;
  let heldBytes = 0;
  let inFlight = 0;
  let wake: (() => void)[] = [];

  const isIdle = () => open.size === 0 && waiting.size === 0 && inFlight === 0;
  const notify = () => {
    const woken = wake;
    wake = [];
    for (const resolve of woken) resolve();
  };
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise<void>((resolve) => wake.push(resolve));
  };

  const close = (partition: number, { builder, lines }: OpenBatch) => {
    open.delete(partition);
    openBytes -= builder.sizeBytes;
    const bytes = builder.build();
    heldBytes += bytes.length;
    const queue = waiting.get(partition);
    if (queue === undefined) waiting.set(partition, [{ bytes, lines }]);
    else queue.push({ bytes, lines });
  };

  /** What the next request carries: as much as it may, from partitions with nothing under way. */
  const nextShares = (): readonly { partition: number; batches: readonly ClosedBatch[] }[] => {
    const shares: { partition: number; batches: ClosedBatch[] }[] = [];
    let size = 0;
    for (const [partition, queue] of waiting) {
      if (busy.has(partition)) continue;
      const batches: ClosedBatch[] = [];
      for (const batch of queue) {
        if (size > 0 && size + batch.bytes.length > REQUEST_BYTES) break;
        batches.push(batch);
        size += batch.bytes.length;
      }
      if (batches.length > 0) shares.push({ partition, batches });
      if (size >= REQUEST_BYTES) break;
    }
    for (const { partition, batches } of shares) {
      busy.add(partition);
      const rest = waiting.get(partition)!.slice(batches.length);
      if (rest.length === 0) waiting.delete(partition);
      else waiting.set(partition, rest);
    }
    return shares;
  };

  const tell = (
    { partition, batches }: { partition: number; batches: readonly ClosedBatch[] },
    baseOffsets: readonly number[] | StratalogError,
  ) => {
    for (const [i, { lines, bytes }] of batches.entries()) {
      heldBytes -= bytes.length;
      if (baseOffsets instanceof StratalogError) events.failed(lines, baseOffsets);
      else events.written({ partition, lines, baseOffset: baseOffsets[i] ?? -1 });
    }
  };

  const send = async (shares: ReturnType<typeof nextShares>) => {
    inFlight += 1;
    const asked: ProduceShare[] = shares.map(({ partition, batches }) => ({
      partition,
      batches: batches.map(({ bytes }) => bytes),
    }));
    try {
      const results = await patiently(() => client.produce(topic, asked), systemRuntime);
      for (const [i, share] of shares.entries()) {
        const result = results[i]!;
        tell(share, result.error ?? result.baseOffsets);
      }
    } catch (caught) {
      for (const share of shares) tell(share, asStratalogError(caught));
    } finally {
      inFlight -= 1;
      for (const { partition } of shares) busy.delete(partition);
      pump();
      notify();
    }
  };

  const pump = () => {
    while (inFlight < MAX_REQUESTS_IN_FLIGHT) {
      const shares = nextShares();
      if (shares.length === 0) return;
      void send(shares);
    }
  };

  const flush = () => {
    for (const [partition, batch] of open) close(partition, batch);
    pump();
  };

  return {
    add: (partition, record, line) => {
      let batch = open.get(partition);
      if (batch !== undefined && batch.builder.sizeWith(record) > targetBytes) {
        close(partition, batch);
        pump();
        batch = undefined;
      }
      if (batch === undefined) {
        batch = { builder: batchBuilder(FIRST_CAPACITY_BYTES), lines: [] };
        open.set(partition, batch);
        openBytes += batch.builder.sizeBytes;
      }
      const before = batch.builder.sizeBytes;
      batch.builder.append(record);
      batch.lines.push(line);
      openBytes += batch.builder.sizeBytes - before;
      if (openBytes > MAX_OPEN_BYTES) flush();
      return heldBytes > MAX_HELD_BYTES ? until(() => heldBytes <= MAX_HELD_BYTES) : undefined;
    },
    isFullFor: (partition, record) =>
      (open.get(partition)?.builder.sizeWith(record) ?? 0) > targetBytes,
    flush,
    settled: async () => {
      flush();
      await until(isIdle);
    },
    abandon: (error) => {
      for (const { lines } of open.values()) events.failed(lines, error);
      for (const queue of waiting.values()) {
        for (const { lines, bytes } of queue) {
          heldBytes -= bytes.length;
          events.failed(lines, error);
        }
      }
      open.clear();
      openBytes = 0;
      waiting.clear();
      notify();
    },
  };
};
