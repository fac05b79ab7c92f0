/**
 * Objects: reads of immutable bytes, joined, shared and remembered.
 *
 *   wanted   a:[0,40) a:[40,90) b:[0,10)  ─►  one GET of a:[0,90), one of b:[0,10), in parallel
 *
 * What was read, or just written by this process, is kept as long as the budget allows, as batches
 * ready to be served; objects never change, so nothing is ever invalidated. Readers that want the same
 * span at once share one GET.
 */
import { MAX_RANGED_READ_BYTES } from '../../model/limits.ts';
import { type BlobStore, StoreError } from '../../storage/ports.ts';
import { batchCache } from './batch-cache.ts';

/** The bytes of one entry in an object. */
export interface ObjectSpan {
  readonly key: string;
  readonly start: number;
  readonly sizeBytes: number;
  /** Makes batches of what was read, once; may write into it, and throws when it is damaged. */
  readonly prepare: (bytes: Uint8Array) => readonly Uint8Array[];
}

export interface ObjectReader {
  /**
   * The batches of each span, in the order of `spans`. Each rejects on its own: with BlobMissing,
   * StoreError or what `prepare` threw.
   */
  read(spans: readonly ObjectSpan[]): readonly Promise<readonly Uint8Array[]>[];
  /** Keeps the batches of what this process has just written. */
  remember(span: Pick<ObjectSpan, 'key' | 'start'>, batches: readonly Uint8Array[]): void;
}

/** `cacheBytes`: how much memory is held by what is kept. */
export const objectReader = (blobs: BlobStore, cacheBytes: number): ObjectReader => {
  const cache = batchCache(cacheBytes);
  const underWay = new Map<string, Promise<readonly Uint8Array[]>>();

  /** Bytes [start, end); of an object that was cut short the ones it has, and `prepare` tells who lacks any. */
  const getWhatIsThere = async (key: string, start: number, end: number): Promise<Uint8Array> => {
    try {
      return await blobs.get(key, { start, end });
    } catch (error) {
      if (!(error instanceof StoreError && error.reason === 'invalid')) throw error;
      return (await blobs.get(key)).subarray(start, end);
    }
  };

  const getTogether = (group: readonly ObjectSpan[]): void => {
    const start = group[0]!.start;
    const last = group.at(-1)!;
    const whole = getWhatIsThere(last.key, start, last.start + last.sizeBytes);
    for (const span of group) {
      const id = idOf(span);
      const from = span.start - start;
      const batches = whole.then((bytes) =>
        span.prepare(bytes.subarray(from, from + span.sizeBytes)),
      );
      underWay.set(id, batches);
      batches
        .then((ready) => cache.set(id, ready))
        .catch(() => undefined)
        .finally(() => underWay.delete(id));
    }
  };

  return {
    read: (spans) => {
      const isKnown = (span: ObjectSpan): boolean =>
        cache.has(idOf(span)) || underWay.has(idOf(span));
      for (const group of adjacent(spans.filter((span) => !isKnown(span)))) getTogether(group);
      return spans.map(async (span) => cache.get(idOf(span)) ?? underWay.get(idOf(span))!);
    },
    remember: (span, batches) => {
      cache.set(idOf(span), batches);
    },
  };
};

const byPlace = (left: ObjectSpan, right: ObjectSpan): number =>
  left.key === right.key ? left.start - right.start : left.key < right.key ? -1 : 1;

const idOf = ({ key, start }: Pick<ObjectSpan, 'key' | 'start'>): string => `${key}@${start}`;

/** Runs of spans that follow each other in one object, as long as one read may be. */
const adjacent = (spans: readonly ObjectSpan[]): ObjectSpan[][] => {
  const groups: ObjectSpan[][] = [];
  let sizeBytes = 0;
  for (const span of spans.toSorted(byPlace)) {
    const last = groups.at(-1)?.at(-1);
    const follows = last?.key === span.key && last.start + last.sizeBytes === span.start;
    if (follows && sizeBytes + span.sizeBytes <= MAX_RANGED_READ_BYTES) {
      groups.at(-1)!.push(span);
      sizeBytes += span.sizeBytes;
    } else {
      groups.push([span]);
      sizeBytes = span.sizeBytes;
    }
  }
  return groups;
};
