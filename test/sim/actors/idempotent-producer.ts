/**
 * Sends with sequences, several batches at once, and each again until it is told that it is in the log:
 * impatiently, sometimes to two environments at a time.
 *
 *   window   b1 b2 b3 ──► told: b1      again: b2 b3 ──► told: b2, b3       the next window
 *                                              └ after some rounds: gives up, and begins anew
 */
import type { ErrorCode } from '../../../lib/model/errors.ts';
import { type Actor, below, partitionName, pause, type Scene } from '../world/scene.ts';
import { newIdentity } from './producer-identity.ts';
import {
  batchWith,
  drawCount,
  type Fate,
  fateOf,
  recordBatch,
  refusalOf,
  requireKnown,
  valuesOf,
} from './sending.ts';

const MOST_BATCHES = 3;
const MOST_ROUNDS = 8;

interface Pending {
  readonly values: readonly string[];
  readonly bytes: Uint8Array;
  /** Whether some call for it may have put it in the log, or may yet. */
  isOpen: boolean;
  invokedAt: number | undefined;
  fate: Fate | undefined;
}

export const idempotentProducer: Actor = async (scene) => {
  const newValues = valuesOf(scene);
  const { recorder, topic } = scene;
  await pause(scene, 400);
  const identity = await newIdentity(scene);
  while (scene.goesOn()) {
    const partition = below(scene, scene.partitions.count);
    const window = Array.from({ length: 1 + below(scene, MOST_BATCHES) }, (): Pending => {
      const values = newValues(drawCount(scene));
      const bytes = batchWith(scene, values, identity.next(partition));
      identity.advance(partition, values.length);
      return { values, bytes, isOpen: false, invokedAt: undefined, fate: undefined };
    });
    for (let round = 0; round < MOST_ROUNDS && window.some((one) => !one.fate); round++) {
      await sendOpen(scene, partition, window);
      await pause(scene, 100);
    }
    const completedAt = recorder.moment();
    for (const { values, isOpen, invokedAt, fate } of window) {
      recordBatch(scene, values, {
        process: scene.name,
        // One that is begun and never sent does not exist.
        invokedAt: invokedAt!,
        completedAt,
        partition: partitionName(topic, partition),
        producer: 'idempotent',
        ...(fate ?? { outcome: isOpen ? 'info' : 'fail' }),
      });
    }
    if (window.some((one) => !one.fate)) await identity.renew();
    await pause(scene, 200);
  }
};

/** Sends what nobody was told of, in order. */
const sendOpen = async (
  scene: Scene,
  partition: number,
  window: readonly Pending[],
): Promise<void> => {
  const open = window.filter(({ fate }) => !fate);
  const underWay: Promise<void>[] = [];
  for (const [index, pending] of open.entries()) {
    pending.invokedAt ??= scene.recorder.moment();
    for (let copies = scene.random() < 0.15 ? 2 : 1; copies > 0; copies--) {
      underWay.push(sendOne(scene, partition, pending, index === 0));
    }
    if (scene.random() < 0.5) await pause(scene, 10);
  }
  await Promise.all(underWay);
};

/** Never of what is next in its sequence. */
const NEVER: ReadonlySet<ErrorCode> = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'INVALID_PRODUCER_EPOCH',
  'UNKNOWN_PRODUCER_ID',
]);

/** `isNext`: all before it is in the log. */
const sendOne = async (
  scene: Scene,
  partition: number,
  pending: Pending,
  isNext: boolean,
): Promise<void> => {
  const { network, topic, recorder, name } = scene;
  const reply = await network.call({
    ask: (broker) =>
      broker.produce({ topic, partitions: [{ partition, batches: pending.bytes.slice() }] }),
  });
  const fate = fateOf(reply, partition, 0);
  if (fate.outcome === 'ok') {
    const told = pending.fate?.offset;
    if (told !== undefined && told !== fate.offset) {
      recorder.complain(
        partitionName(topic, partition),
        `${name} was told that ${pending.values[0]} is at ${told}, and at ${fate.offset}`,
      );
    }
    if (told === undefined) pending.fate = fate;
    return;
  }
  pending.isOpen ||= fate.outcome === 'info' || reply.deliveries > 1;
  const error = refusalOf(reply, partition);
  requireKnown(scene, partition, error);
  if (error === undefined) return;
  if (error.code === 'DUPLICATE_SEQUENCE_NUMBER') pending.fate ??= { outcome: 'ok' };
  else if (isNext && NEVER.has(error.code)) {
    recorder.complain(
      partitionName(topic, partition),
      `${name} was refused ${pending.values[0]} as ${error.code}, although it came next`,
    );
  }
};
