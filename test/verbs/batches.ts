/** The bytes of a share of batches, whole or damaged. */
import type { StratalogError } from '../../lib/model/errors.ts';
import { encodeBatch } from '../../lib/record/encode.ts';
import { type BatchSpec, bytesOf, type Damage, type ShareSpec } from './calls.ts';

const MAGIC_AT = 16;
const CRC_AT = 17;

const encoded = ({ records, producer }: BatchSpec, damage: Damage): Uint8Array =>
  encodeBatch(
    records.map(({ key, value, headers, timestamp }) => ({
      key: bytesOf(key),
      value: bytesOf(value),
      headers: headers.map(([name, bytes]) => ({ key: name, value: bytesOf(bytes) })),
      timestamp,
    })),
    {
      ...(producer === undefined ? {} : { producer }),
      ...(damage === 'control' ? { isControl: true } : {}),
      ...(damage === 'transactional'
        ? { isTransactional: true, producer: { producerId: 1, producerEpoch: 0, baseSequence: 0 } }
        : {}),
    },
  );

/** The batches, one after the other. */
export const shareBytes = ({ batches, damage = 'nothing' }: ShareSpec): Uint8Array => {
  const bytes = Buffer.concat(batches.map((batch) => encoded(batch, damage)));
  switch (damage) {
    case 'crc':
      bytes[CRC_AT] = bytes[CRC_AT]! ^ 1;
      return bytes;
    case 'magic':
      bytes[MAGIC_AT] = 1;
      return bytes;
    case 'cut':
      return bytes.subarray(0, -1);
    default:
      return bytes;
  }
};

/** The code that a share so damaged is refused with; undefined: none. */
export const codeOfDamage = (damage: Damage = 'nothing'): StratalogError['code'] | undefined =>
  (
    ({
      nothing: undefined,
      crc: 'CORRUPT_MESSAGE',
      cut: 'CORRUPT_MESSAGE',
      magic: 'UNSUPPORTED_FOR_MESSAGE_FORMAT',
      transactional: 'INVALID_TXN_STATE',
      control: 'INVALID_RECORD',
    }) as const
  )[damage];
