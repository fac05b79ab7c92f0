/**
 * Where and how the records of a produce request are to be appended, as its query says:
 *
 *   partition                                  the partition of records that name none
 *   partition, expectedEnd                     all of them at this offset, or none
 *   partition, producerId, producerEpoch,      all of them once, however often they are sent: record i
 *     baseSequence                             has the sequence baseSequence + i
 */
import type { z } from 'zod';
import { StratalogError } from '../model/errors.ts';
import type { BatchProducer } from '../record/encode.ts';
import type { produceQuery } from './schemas/produce.ts';

export interface Placement {
  readonly partition: number | undefined;
  /** Offset that the partition must end at. */
  readonly expectedEnd: number | undefined;
  readonly producer: BatchProducer | undefined;
}

const refusal = (field: string, message: string): StratalogError =>
  new StratalogError('INVALID_REQUEST', message, { context: { field } });

/** @throws INVALID_REQUEST naming the parameter that lacks another */
export const placementOf = (query: z.output<typeof produceQuery>): Placement => {
  const { partition, expectedEnd, producerId, producerEpoch, baseSequence } = query;
  if (expectedEnd !== undefined && partition === undefined) {
    throw refusal(
      'partition',
      'The query has expectedEnd and no partition: say which partition is to end there.',
    );
  }
  const given = Object.entries({ producerId, producerEpoch, baseSequence });
  const absent = given.filter(([, value]) => value === undefined).map(([name]) => name);
  if (producerId === undefined || producerEpoch === undefined || baseSequence === undefined) {
    if (absent.length === given.length) return { partition, expectedEnd, producer: undefined };
    throw refusal(
      absent[0]!,
      `The query lacks ${absent.join(' and ')}: producerId, producerEpoch and baseSequence come together, with partition.`,
    );
  }
  if (partition === undefined) {
    throw refusal(
      'partition',
      'The query has a producerId and no partition: sequences are counted by partition, so say which.',
    );
  }
  return { partition, expectedEnd, producer: { producerId, producerEpoch, baseSequence } };
};
