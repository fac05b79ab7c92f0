/**
 * Lines on their way through a producer, in order and in bounded memory.
 *
 *   lines of one read ─▶ one send ─▶ what became of each of them
 *
 * The producer batches, sends again and keeps the order. Reading waits while more of the input than
 * `MAX_HELD_BYTES` has no answer yet.
 */
import { SendError, type SendOutcome } from '../client/producer/delivery.ts';
import type { Producer } from '../client/producer/producer.ts';
import { asStratalogError } from '../model/errors.ts';
import type { DeliveryReport } from './delivery.ts';
import type { LineMessage } from './line-message.ts';

const MAX_HELD_BYTES = 16 * 1024 * 1024;
/** What a record takes in memory besides its bytes, about. */
const MESSAGE_BYTES = 500;

/** The SDK's, of bytes. */
export type LineProducer = Pick<Producer<Uint8Array, Uint8Array>, 'send' | 'flush'>;

/** Messages that are sent together, and the line of each. */
export interface Cargo {
  readonly lines: readonly number[];
  readonly messages: readonly LineMessage[];
  /** Of the input that they are. */
  readonly sizeBytes: number;
}

export interface Shipping {
  /**
   * Sends messages together. When it answers a promise, the next must wait for that.
   * @param expectedEnd where their partition must end for any of them to be written
   */
  ship(cargo: Cargo, expectedEnd?: number): Promise<void> | undefined;
  /** Resolves when everything was answered. */
  settled(): Promise<void>;
}

/** What became of each message, when the whole of them was refused: the same for all. */
const allFailed = ({ messages }: Cargo, topic: string, caught: unknown): readonly SendOutcome[] => {
  if (caught instanceof SendError) return caught.outcomes;
  const error = asStratalogError(caught);
  return messages.map(({ partition = -1 }) => ({ topic, partition, error }));
};

/**
 * @param partition where all of it goes; undefined: where each message says, or its key
 * @param report told of every line exactly once
 */
export const shipping = (
  producer: LineProducer,
  topic: string,
  partition: number | undefined,
  report: Pick<DeliveryReport, 'settled'>,
): Shipping => {
  const where = partition === undefined ? { topic } : { topic, partition };
  let heldBytes = 0;
  let underWay = 0;
  let wake: (() => void)[] = [];
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise<void>((resolve) => wake.push(resolve));
  };

  const send = async (cargo: Cargo, expectedEnd: number | undefined) => {
    const { lines, messages } = cargo;
    const end = expectedEnd === undefined ? {} : { expectedEnd };
    const outcomes = await producer
      .send({ ...where, ...end, messages })
      .catch((caught: unknown) => allFailed(cargo, topic, caught));
    report.settled(lines, outcomes);
  };

  return {
    ship: (cargo, expectedEnd) => {
      if (cargo.messages.length === 0) return undefined;
      const sizeBytes = cargo.sizeBytes + cargo.messages.length * MESSAGE_BYTES;
      heldBytes += sizeBytes;
      underWay += 1;
      void send(cargo, expectedEnd).then(() => {
        heldBytes -= sizeBytes;
        underWay -= 1;
        const woken = wake;
        wake = [];
        for (const resolve of woken) resolve();
      });
      return heldBytes > MAX_HELD_BYTES ? until(() => heldBytes <= MAX_HELD_BYTES) : undefined;
    },
    settled: async () => {
      await producer.flush();
      await until(() => underWay === 0);
    },
  };
};
