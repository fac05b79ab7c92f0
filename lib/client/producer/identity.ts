/**
 * Who the producer is to the service: an id and an epoch, under which each partition counts its own
 * sequence from 0.
 *
 * A partition that does not know what became of its last batch cannot go on counting, so it leaves its
 * identity for a newer one. Partitions share identities; each only ever moves on to one it never had.
 */
import { callJson } from '../call.ts';
import type { Connection } from '../connection.ts';

/** What the service gave. */
export interface Identity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

export interface Identities {
  /** The newest, made on first use. @throws what the service says */
  current(): Promise<Identity>;
  /** One that is newer than `left`. @throws what the service says */
  after(left: Identity): Promise<Identity>;
}

/** None is asked for yet. */
export const identities = (connection: Connection): Identities => {
  let newest: Identity | undefined;
  let making: Promise<Identity> | undefined;

  const make = async (): Promise<Identity> => {
    try {
      // An identity that nobody heard of harms nobody: it may be asked for again after any failure.
      const call = { method: 'POST', path: '/producers', json: {}, changes: false } as const;
      const { producerId, producerEpoch }: Identity = await callJson(connection, call);
      newest = { producerId, producerEpoch };
      return newest;
    } finally {
      making = undefined;
    }
  };
  const fresh = () => {
    making ??= make();
    return making;
  };
  return {
    current: async () => newest ?? fresh(),
    after: async (left) => (newest === undefined || newest === left ? fresh() : newest),
  };
};
