/**
 * Objects in memory: no I/O, no timers, every answer after one microtask. For simulations, unit tests
 * and the local service without a data directory.
 */
import { OrderedMap } from '@js-sdsl/ordered-map';
import { requireBlobKey, requireRange } from '../blob-key.ts';
import { compareStrings } from '../interpret.ts';
import { BlobExists, type BlobInfo, BlobMissing, type BlobStore } from '../ports.ts';

const DEFAULT_LIST_LIMIT = 1_000;

export const memoryBlobs = (): BlobStore => {
  const objects = new OrderedMap<string, Uint8Array>([], compareStrings);
  return {
    async put(key, buffers) {
      requireBlobKey(key);
      if (objects.getElementByKey(key) !== undefined) throw new BlobExists(key);
      // Copies both ways: the caller may use its buffers again, and owns what it gets.
      objects.setElement(key, Buffer.concat(buffers));
    },
    async get(key, range) {
      requireBlobKey(key);
      const bytes = objects.getElementByKey(key);
      if (bytes === undefined) throw new BlobMissing(key);
      if (range === undefined) return new Uint8Array(bytes);
      requireRange(key, range, bytes.length);
      return new Uint8Array(bytes.subarray(range.start, range.end));
    },
    async list(prefix, { after = '', limit = DEFAULT_LIST_LIMIT } = {}) {
      const found: BlobInfo[] = [];
      const at = after >= prefix ? objects.upperBound(after) : objects.lowerBound(prefix);
      for (; at.isAccessible() && found.length < limit; at.next()) {
        const [key, bytes] = [at.pointer[0], at.pointer[1]];
        if (!key.startsWith(prefix)) break;
        found.push({ key, sizeBytes: bytes.length });
      }
      return found;
    },
    async delete(keys) {
      keys.forEach(requireBlobKey);
      for (const key of keys) objects.eraseElementByKey(key);
    },
  };
};
