/**
 * The rules that every object store holds its callers to: what a key looks like, what a range may ask.
 */
import { type ByteRange, StoreError } from './ports.ts';

const LEGAL_KEY = /^[a-zA-Z0-9._-]+(?:\/[a-zA-Z0-9._-]+)*$/;
const DOT_SEGMENT = /(?:^|\/)\.{1,2}(?:\/|$)/;
/** S3's bound on a key. */
const MAX_KEY_BYTES = 1024;

/** @throws StoreError invalid unless `key` is as `BlobStore` describes, so that none can leave a directory */
export const requireBlobKey = (key: string): void => {
  if (!LEGAL_KEY.test(key) || DOT_SEGMENT.test(key) || key.length > MAX_KEY_BYTES) {
    throw new StoreError('invalid', `${JSON.stringify(key)} is no object key`, { effect: 'none' });
  }
};

/** @throws StoreError invalid unless `range` lies within `sizeBytes` */
export const requireRange = (key: string, range: ByteRange, sizeBytes: number): void => {
  const { start, end } = range;
  const whole = Number.isSafeInteger(start) && Number.isSafeInteger(end);
  if (!whole || start < 0 || start > end || end > sizeBytes) {
    throw new StoreError(
      'invalid',
      `the range [${start}, ${end}) leaves the object ${key} of ${sizeBytes} bytes`,
      { effect: 'none' },
    );
  }
};
