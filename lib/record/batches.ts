/**
 * Several record batches, one after the other: what a produce request, a WAL object and a segment carry.
 */
import { StratalogError } from '../model/errors.ts';
import { BATCH_LENGTH_AT, claimedSizeBytes, LENGTH_OVERHEAD_BYTES, RECORDS_AT } from './layout.ts';

export interface SplitBatches {
  /** The whole ones, as views. */
  readonly batches: readonly Uint8Array[];
  /** Bytes at the end that are the beginning of one more, cut off; 0 when it comes out even. */
  readonly truncatedBytes: number;
}

/**
 * Finds the batches in `bytes` by their length fields alone; nothing else of them is looked at.
 * @throws CORRUPT_MESSAGE for a length that no batch can have, naming its position
 */
export const splitBatches = (bytes: Uint8Array): SplitBatches => {
  const batches: Uint8Array[] = [];
  let at = 0;
  while (bytes.length - at >= LENGTH_OVERHEAD_BYTES) {
    const sizeBytes = claimedSizeBytes(bytes, at);
    if (sizeBytes < RECORDS_AT) {
      throw new StratalogError(
        'CORRUPT_MESSAGE',
        `The batch at byte ${at} claims ${sizeBytes} bytes by its length field (byte ${at + BATCH_LENGTH_AT}); a batch has at least ${RECORDS_AT}.`,
        { context: { position: at, sizeBytes } },
      );
    }
    if (sizeBytes > bytes.length - at) break;
    batches.push(bytes.subarray(at, at + sizeBytes));
    at += sizeBytes;
  }
  return { batches, truncatedBytes: bytes.length - at };
};
