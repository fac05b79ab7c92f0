/**
 * What is written to topics, per second: from two looks at where their partitions end.
 *
 *   look 1 ── Δt ── look 2        records/s = Δ ends / Δt        bytes/s = Δ sizes / Δt
 *
 * Sizes shrink when records are deleted; over such a Δt the rate in bytes is not known.
 */
import type { TopicDescription } from '../client/topics.ts';

/** A topic as `top` shows it. Rates: null until it was looked at twice, and where nobody can know. */
export interface TopicRate {
  readonly topic: string;
  readonly partitions: number;
  readonly recordsPerSecond: number | null;
  readonly bytesPerSecond: number | null;
  /** Records ever written: the sum of the end offsets. */
  readonly endOffsets: number;
  readonly sizeBytes: number;
}

/** What one look at a topic saw. */
interface Look {
  readonly topicId: string;
  /** Monotonic. */
  readonly atMs: number;
  readonly starts: number;
  readonly ends: number;
  readonly sizeBytes: number;
}

const lookAt = ({ topicId, partitions }: TopicDescription, atMs: number): Look => {
  let starts = 0;
  let ends = 0;
  let sizeBytes = 0;
  for (const partition of partitions) {
    starts += partition.logStartOffset;
    ends += partition.logEndOffset;
    sizeBytes += partition.sizeBytes;
  }
  return { topicId, atMs, starts, ends, sizeBytes };
};

export interface RateTable {
  /** Takes a look in. @param atMs monotonic */
  see(topic: TopicDescription, atMs: number): void;
  /** Forgets the topics that are not among `names`. */
  keep(names: ReadonlySet<string>): void;
  /** In no particular order. */
  rows(): readonly TopicRate[];
}

export const rateTable = (): RateTable => {
  const looks = new Map<string, Look>();
  const rates = new Map<string, TopicRate>();
  return {
    see: (topic, atMs) => {
      const now = lookAt(topic, atMs);
      const before = looks.get(topic.name);
      // A topic that was deleted and made again is another one.
      const last = before?.topicId === now.topicId && before.atMs < atMs ? before : undefined;
      const seconds = last === undefined ? 0 : (atMs - last.atMs) / 1000;
      looks.set(topic.name, now);
      rates.set(topic.name, {
        topic: topic.name,
        partitions: topic.partitions.length,
        recordsPerSecond: last === undefined ? null : (now.ends - last.ends) / seconds,
        bytesPerSecond:
          last === undefined || last.starts !== now.starts
            ? null
            : (now.sizeBytes - last.sizeBytes) / seconds,
        endOffsets: now.ends,
        sizeBytes: now.sizeBytes,
      });
    },
    keep: (names) => {
      for (const name of looks.keys()) {
        if (names.has(name)) continue;
        looks.delete(name);
        rates.delete(name);
      }
    },
    rows: () => [...rates.values()],
  };
};

/** What rows can be sorted by, the most first. */
export const SORT_KEYS = ['records', 'bytes', 'size', 'name'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

const WEIGHTS: Readonly<Record<SortKey, (row: TopicRate) => number>> = {
  records: (row) => row.recordsPerSecond ?? -1,
  bytes: (row) => row.bytesPerSecond ?? -1,
  size: (row) => row.sizeBytes,
  name: () => 0,
};

/** The rows in order; equal ones by name. */
export const sorted = (rows: readonly TopicRate[], key: SortKey): readonly TopicRate[] => {
  const weight = WEIGHTS[key];
  return rows.toSorted(
    (a, b) => weight(b) - weight(a) || (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : 0),
  );
};
