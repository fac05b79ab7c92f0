/**
 * Mixes of appends to one partition, and what DynamoDB may bill for one of them at most, on average,
 * rolls included.
 */
import type { AppenderOptions } from '../../lib/log/append/appender.ts';
import type { Runtime } from '../../lib/model/runtime.ts';
import { appending, batchOf, newPartition, type Stores } from './log.ts';

export interface AppendMix {
  readonly what: string;
  /** Of a batch, near enough. */
  readonly sizeBytes: number;
  /** How many idempotent producers take turns; 0: none is one. */
  readonly producers: number;
  /** Write units an append. */
  readonly mostUnits: number;
}

export const APPEND_MIXES: readonly AppendMix[] = [
  { what: 'objects', sizeBytes: 2_000, producers: 0, mostUnits: 2 },
  { what: 'objects, 32 live producers', sizeBytes: 2_000, producers: 32, mostUnits: 2 },
  { what: 'inline 100 B', sizeBytes: 170, producers: 0, mostUnits: 3 },
  { what: 'inline 1 KiB', sizeBytes: 1_024, producers: 0, mostUnits: 6 },
];

/** A batch of that many bytes, near enough: one record of that many less the envelope. */
export const batchOfSize = (sizeBytes: number): Uint8Array => batchOf(['x'.repeat(sizeBytes - 70)]);

/**
 * Appends one batch after the other to a partition of its own, and waits for the rolls.
 * @throws when one is not appended where it should be
 */
export const appendMix = async (
  stores: Stores,
  runtime: Runtime,
  { sizeBytes, producers }: AppendMix,
  appends: number,
  options: Partial<AppenderOptions> = {},
): Promise<void> => {
  const ref = await newPartition(stores.items, runtime);
  const { append, appender } = appending(stores, runtime, options);
  const values = ['x'.repeat(sizeBytes - 70)];
  for (let n = 0; n < appends; n++) {
    const batch =
      producers === 0
        ? batchOf(values)
        : batchOf(values, {
            producerId: 1_000 + (n % producers),
            producerEpoch: 0,
            baseSequence: Math.floor(n / producers),
          });
    const outcome = await append(ref, batch);
    if (!('baseOffset' in outcome)) throw outcome.error;
    if (outcome.baseOffset !== n) throw new Error(`append ${n} is at ${outcome.baseOffset}`);
  }
  await appender.settled();
};
