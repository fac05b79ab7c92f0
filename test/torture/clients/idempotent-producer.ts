/**
 * Sends record batches under an identity and sequences, and the same bytes again until it is told what
 * became of them: then each record is there once.
 *
 *   share of a partition    1 or 2 batches, the next ones only when these are written
 *   request                 the shares of 1 to 3 partitions; those not written are in the next one too
 *
 * When an answer stays away it sometimes dies instead: its last shares may be there, or not, and are
 * once at most.
 */

import { encodeBatch } from '../../../lib/record/encode.ts';
import { BATCHES_MEDIA_TYPE, encodeFrames } from '../../../lib/record/frames.ts';
import { call, isExpected, jsonOf, outcomeOf, type Problem } from '../calls.ts';
import { type Draw, oneIn } from '../draw.ts';
import {
  type Field,
  type Life,
  PATIENCE_MS,
  partitionName,
  pause,
  pauseBeforeRetry,
} from '../field.ts';
import { drawSizes, valueFor } from '../value.ts';

/** One silence in so many is the end of a producer. */
const DIES_ONE_IN = 12;

interface Identity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

interface Share {
  readonly partition: number;
  /** Ids of the records of each batch. */
  readonly ids: readonly (readonly string[])[];
  readonly batches: readonly Uint8Array[];
  readonly invokedAt: number;
  /** Whether every attempt was told to have done nothing. */
  isRefused: boolean;
}

interface ShareAnswer {
  readonly baseOffsets?: readonly number[];
  readonly error?: Problem;
}

/** Undefined: all was over before it was told. */
const identify = async (
  field: Field,
  process: string,
  draw: Draw,
): Promise<Identity | undefined> => {
  while (!field.over.aborted) {
    const answer = await call(field, '/producers', { method: 'POST' });
    if (answer?.status === 201) return jsonOf<Identity>(answer);
    if (answer) isExpected(field, process, jsonOf<Problem>(answer));
    await pauseBeforeRetry(field, draw);
  }
  return undefined;
};

/** Cuts shares for different partitions, and counts their sequences on. */
const shareMaker = (field: Field, process: string, draw: Draw, identity: Identity) => {
  const sequences = new Map<number, number>();
  let n = 0;
  return (partition: number): Share => {
    const invokedAt = field.recorder.tick();
    const ids = Array.from({ length: draw(1, 2) }, () =>
      drawSizes(draw).map((sizeBytes) => `${process}.${n++}.${sizeBytes}`),
    );
    const batches = ids.map((batch) => {
      const baseSequence = sequences.get(partition) ?? 0;
      sequences.set(partition, baseSequence + batch.length);
      const timestamp = field.runtime.now();
      return encodeBatch(
        batch.map((id) => ({ value: Buffer.from(valueFor(id)), timestamp })),
        { producer: { ...identity, baseSequence } },
      );
    });
    return { partition, ids, batches, invokedAt, isRefused: true };
  };
};

/** Everything of a share, as one answer or none told it. */
const settle = (
  field: Field,
  process: string,
  { partition, ids, invokedAt }: Share,
  outcome: 'ok' | 'fail' | 'info',
  baseOffsets: readonly number[] = [],
): void => {
  field.recorder.add(
    ...ids.flatMap((batch, b) =>
      batch.map((value, index) => ({
        process,
        invokedAt,
        outcome,
        kind: 'send' as const,
        partition: partitionName(field, partition),
        value,
        producer: 'idempotent' as const,
        ...(baseOffsets[b] !== undefined && { offset: baseOffsets[b] + index }),
      })),
    ),
  );
};

/** Takes in the answer for a share. False: it has to be sent again. @throws where that cannot help */
const isSettled = (field: Field, process: string, share: Share, told: ShareAnswer): boolean => {
  const { baseOffsets, error } = told;
  if (!error) {
    settle(field, process, share, 'ok', baseOffsets);
    return true;
  }
  share.isRefused &&= outcomeOf(error) === 'fail';
  if (isExpected(field, process, error)) return false;
  settle(field, process, share, share.isRefused ? 'fail' : 'info');
  throw new Error(`told ${error.code} although its batches came in order`);
};

export const idempotentProducer: Life = async (field, process, draw) => {
  const { topic, partitions, over, runtime } = field;
  const identity = await identify(field, process, draw);
  if (!identity) return;
  const makeShare = shareMaker(field, process, draw, identity);

  for (let left = draw(20, 150); left > 0 && !over.aborted; left--) {
    const chosen = new Set(Array.from({ length: draw(1, 3) }, () => draw(0, partitions - 1)));
    let pending = [...chosen].map(makeShare);
    const untilMs = runtime.monotonicMs() + PATIENCE_MS;
    while (pending.length > 0) {
      const answer = await call(field, `/topics/${topic}/records`, {
        method: 'POST',
        headers: { 'content-type': BATCHES_MEDIA_TYPE },
        body: Buffer.from(encodeFrames(pending)),
      });
      const body =
        answer && jsonOf<{ readonly partitions?: readonly ShareAnswer[] } & Problem>(answer);
      const isDead = !answer && !over.aborted && oneIn(draw, DIES_ONE_IN);
      const isTooLate = runtime.monotonicMs() > untilMs;
      pending = pending.filter((share, index) => {
        if (body)
          return !isSettled(field, process, share, body.partitions?.[index] ?? { error: body });
        share.isRefused = false;
        return true;
      });
      if (isTooLate && pending.length > 0) {
        field.surprise(`${process} was not told what became of its batches for ${PATIENCE_MS} ms`);
      }
      if (isDead || isTooLate) {
        for (const share of pending) settle(field, process, share, 'info');
        return;
      }
      if (pending.length > 0) await pauseBeforeRetry(field, draw);
    }
    await pause(field, draw);
  }
};
