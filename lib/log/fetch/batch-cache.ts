/**
 * Batch cache: batches kept in memory, those used last, within a budget of bytes.
 *
 *   buffer   [ the body of a request, or one read of an object ]    counted once, whole
 *   batches    a    b         c                                     views of it
 *
 * A view holds the whole buffer that it lies in, so buffers are what is counted: as long as one batch of
 * a buffer is kept, all of it is paid for. Nothing is copied.
 */

/** About what the engine needs for a view beside its bytes. */
const VIEW_BYTES = 128;

type Batches = readonly Uint8Array[];

export interface BatchCache {
  /** Counts as a use. */
  get(id: string): Batches | undefined;
  has(id: string): boolean;
  /** Keeps `batches`, unless they alone hold more than the budget. */
  set(id: string, batches: Batches): void;
  /** Memory held by what is kept, never more than the budget. */
  readonly heldBytes: number;
}

export const batchCache = (maxBytes: number): BatchCache => {
  /** In order of their last use. */
  const kept = new Map<string, Batches>();
  /** How many of `kept` lie in each buffer. */
  const users = new Map<ArrayBufferLike, number>();
  let heldBytes = 0;

  const hold = (batches: Batches): void => {
    heldBytes += batches.length * VIEW_BYTES;
    for (const buffer of buffersOf(batches)) {
      const others = users.get(buffer) ?? 0;
      if (others === 0) heldBytes += buffer.byteLength;
      users.set(buffer, others + 1);
    }
  };

  const drop = (id: string, batches: Batches): void => {
    kept.delete(id);
    heldBytes -= batches.length * VIEW_BYTES;
    for (const buffer of buffersOf(batches)) {
      const others = users.get(buffer)! - 1;
      if (others > 0) users.set(buffer, others);
      else {
        users.delete(buffer);
        heldBytes -= buffer.byteLength;
      }
    }
  };

  return {
    get: (id) => {
      const batches = kept.get(id);
      if (batches === undefined) return undefined;
      kept.delete(id);
      kept.set(id, batches);
      return batches;
    },
    has: (id) => kept.has(id),
    set: (id, batches) => {
      const old = kept.get(id);
      if (old !== undefined) drop(id, old);
      const alone = buffersOf(batches).reduce((sum, { byteLength }) => sum + byteLength, 0);
      if (alone + batches.length * VIEW_BYTES > maxBytes) return;
      hold(batches);
      kept.set(id, batches);
      for (const [oldest, itsBatches] of kept) {
        if (heldBytes <= maxBytes) break;
        drop(oldest, itsBatches);
      }
    },
    get heldBytes() {
      return heldBytes;
    },
  };
};

/** Of neighbours that share a buffer, one. */
const buffersOf = (batches: Batches): ArrayBufferLike[] => {
  const buffers: ArrayBufferLike[] = [];
  for (const { buffer } of batches) if (buffer !== buffers.at(-1)) buffers.push(buffer);
  return buffers;
};
