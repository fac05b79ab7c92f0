/**
 * From stored bytes to batches that can be served: checked, and given their real offsets.
 *
 * A batch lies in its object as its producer sent it, with base offset 0. The base offset and the
 * leader epoch are outside the CRC, so they are written in place when it is read. The leader epoch is
 * always 0: history here never diverges.
 */
import { StratalogError } from '../../model/errors.ts';
import { splitBatches } from '../../record/batches.ts';
import { checkIntegrity, readHeader } from '../../record/header.ts';
import { NO_PRODUCER_ID, NO_SEQUENCE } from '../../record/layout.ts';
import { writeBaseOffset, writePartitionLeaderEpoch } from '../../record/patch.ts';
import type { Entry } from '../entry.ts';

const LEADER_EPOCH = 0;
const NOBODY = { id: NO_PRODUCER_ID, firstSequence: NO_SEQUENCE } as const;

/** Writes the offsets from `baseOffset` on into batches that come one after the other. */
export const giveOffsets = (batches: readonly Uint8Array[], baseOffset: number): void => {
  let offset = baseOffset;
  for (const batch of batches) {
    writeBaseOffset(batch, offset);
    writePartitionLeaderEpoch(batch, LEADER_EPOCH);
    offset += readHeader(batch).recordCount;
  }
};

/**
 * The batches of an entry, ready to be served. Writes into `bytes`.
 * @param where named in the error: which object, which bytes
 * @throws CORRUPT_STORE when a CRC, a length, the record count or the producer is not what it must be
 */
export const openEntry = (
  bytes: Uint8Array,
  entry: Pick<Entry, 'recordCount' | 'producer'>,
  baseOffset: number,
  where: string,
): readonly Uint8Array[] => {
  try {
    const { batches, truncatedBytes } = splitBatches(bytes);
    if (truncatedBytes > 0) throw new Error(`its last ${truncatedBytes} bytes are no whole batch`);
    let records = 0;
    for (const batch of batches) {
      checkIntegrity(batch);
      records += readHeader(batch).recordCount;
    }
    if (records !== entry.recordCount) {
      throw new Error(`it holds ${records} records where ${entry.recordCount} were appended`);
    }
    const [lead] = batches;
    if (lead === undefined) throw new Error('there is no batch in it');
    const { producerId, baseSequence } = readHeader(lead);
    const { id, firstSequence } = entry.producer ?? NOBODY;
    if (producerId !== id || (id !== NO_PRODUCER_ID && baseSequence !== firstSequence)) {
      throw new Error(
        `it is of producer ${producerId} from sequence ${baseSequence} on, where ${id} from ${firstSequence} on appended`,
      );
    }
    giveOffsets(batches, baseOffset);
    return batches;
  } catch (error) {
    throw new StratalogError(
      'CORRUPT_STORE',
      `The records from offset ${baseOffset} on are damaged in ${where}: ${(error as Error).message}`,
      { context: { offset: baseOffset, where }, cause: error },
    );
  }
};

/** The offset after a batch that has its real base offset. */
export const endOfBatch = (batch: Uint8Array): number => {
  const { baseOffset, lastOffsetDelta } = readHeader(batch);
  return baseOffset + lastOffsetDelta + 1;
};
