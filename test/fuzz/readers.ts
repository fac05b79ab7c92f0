/**
 * What readers are told of a spoilt installation, held against what was written to it.
 */
import assert from 'node:assert/strict';
import type { Broker } from '../../lib/broker/api.ts';
import { StratalogError } from '../../lib/model/errors.ts';
import type { TopicName } from '../../lib/model/ids.ts';
import { decodeBatch } from '../../lib/record/decode.ts';
import { ORDER_VALUES, ORDERS, OTHER_VALUES, OTHERS } from './world.ts';

/** The partitions that have records, and their values by offset. */
export const PARTITIONS: readonly (readonly [TopicName, number, readonly string[]])[] = [
  [ORDERS, 0, ORDER_VALUES[0]!],
  [ORDERS, 1, ORDER_VALUES[1]!],
  [OTHERS, 0, OTHER_VALUES],
];

/** Why a part of an answer, or all of it, is missing; undefined where nothing is. */
export type Told = StratalogError | undefined;

/** What was thrown, if the code at hand is ours. */
export const toldOf = (thrown: unknown): StratalogError => {
  if (!(thrown instanceof StratalogError)) throw thrown;
  if (thrown.code === 'UNKNOWN_SERVER_ERROR') throw thrown.cause ?? thrown;
  return thrown;
};

/**
 * Reads a partition from `from` to its end, some bytes at a time: offsets one after the other, and at each
 * the value that was written there.
 * @param isWeak any value that was ever written will do, at whatever offset
 * @param leastEnd where the log ends at least; default: where it was written to
 * @returns why it could not be read further
 */
export const readThrough = async (
  broker: Broker,
  [topic, partition, values]: (typeof PARTITIONS)[number],
  from: number | 'earliest',
  isWeak: boolean,
  { maxBytes = 2_500, leastEnd = values.length } = {},
): Promise<Told> => {
  let offset: number | 'earliest' = from;
  for (;;) {
    const [answer] = await broker.fetch({ partitions: [{ topic, partition, offset }], maxBytes });
    if (answer!.error !== undefined) return toldOf(answer!.error);
    const { batches, nextOffset, highWatermark, logStartOffset } = answer!;
    for (const number of [nextOffset, highWatermark, logStartOffset]) {
      assert(Number.isSafeInteger(number) && number >= 0, `an offset of ${number}`);
    }
    let next = offset === 'earliest' ? logStartOffset : offset;
    for (const batch of batches) {
      for (const record of decodeBatch(batch).records) {
        const value = Buffer.from(record.value!).toString();
        if (isWeak) {
          assert(
            PARTITIONS.some((one) => one[2].includes(value)),
            'a record nobody wrote',
          );
        } else {
          assert(value === values[record.offset], `another record at offset ${record.offset}`);
        }
        if (record.offset < next) continue;
        assert.equal(record.offset, next, 'a record is left out');
        next++;
      }
    }
    assert.equal(nextOffset, next);
    if (batches.length > 0) {
      offset = nextOffset;
      continue;
    }
    assert.equal(next, highWatermark, 'nothing is read before the end');
    if (!isWeak) assert(highWatermark >= leastEnd, `the log ends at ${highWatermark}`);
    if (!isWeak) assert(highWatermark <= values.length, `the log ends at ${highWatermark}`);
    return undefined;
  }
};
