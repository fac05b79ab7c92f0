/**
 * One idempotent producer and one reader of the SDK, which live through everything.
 *
 *   service    up ──── SIGKILL   up ─ SIGSTOP … SIGCONT ─ SIGKILL   up ─ full ─ space ─ SIGKILL  …  up
 *   producer   send send send send send send send send send send send send    flush: all acknowledged
 *   reader     ─ follows from the beginning, through it all ─────────────▶    has read all
 *
 * What the SDK promises beyond the rules of a log: every send is acknowledged in the end, and the reader
 * is given every record. A step of the reader is a poll of the history, for the record that it gave.
 */
import { type Producer, type Reader, Stratalog } from '../../../lib/index.ts';
import type { Read } from '../../sim/checker/history.ts';
import type { Draw } from '../draw.ts';
import { type Crowd, type Field, PATIENCE_MS, partitionName } from '../field.ts';
import { drawSizes, nameOf, valueFor } from '../value.ts';
import { assign } from './reader.ts';

const LONGEST_PAUSE_MS = 20;
const LOOK_EVERY_MS = 10;
/** Longer than all that is done to the service in a row. */
const SDK_PATIENCE_MS = 2 * PATIENCE_MS;

type TextProducer = Producer<string | Uint8Array, string | Uint8Array>;

const crashed = ({ recorder }: Field, process: string): void =>
  recorder.add({ process, invokedAt: recorder.tick(), outcome: 'ok', kind: 'crash' });

/** Sends to every partition without waiting for answers until all is over; then until all are there. */
const sendOn = async (field: Field, producer: TextProducer, draw: Draw): Promise<void> => {
  const { recorder, runtime, topic, partitions, over } = field;
  const process = 'sdkproducer1.0';
  const answers: Promise<void>[] = [];
  for (let n = 0; !over.aborted; ) {
    const partition = draw(0, partitions - 1);
    const ids = drawSizes(draw).map((sizeBytes) => `${process}.${n++}.${sizeBytes}`);
    const messages = ids.map((id) => ({ value: valueFor(id) }));
    const invokedAt = recorder.tick();
    const tell = (outcome: 'ok' | 'info', offsets: readonly number[]) =>
      recorder.add(
        ...ids.map((value, index) => ({
          process,
          invokedAt,
          outcome,
          kind: 'send' as const,
          partition: partitionName(field, partition),
          value,
          producer: 'idempotent' as const,
          ...(offsets[index] !== undefined && { offset: offsets[index] }),
        })),
      );
    answers.push(
      producer.send({ topic, partition, messages }).then(
        (told) =>
          tell(
            'ok',
            told.map(({ offset }) => offset),
          ),
        (error) => {
          tell('info', []);
          field.surprise(`the SDK's producer gave up: ${error}`);
        },
      ),
    );
    await runtime.sleep(draw(0, LONGEST_PAUSE_MS), over);
  }
  await producer.flush();
  await Promise.all(answers);
  crashed(field, process);
};

/** Notes what the reader gives until it is closed, and counts it. */
const readOn = async (
  field: Field,
  follower: Reader<string, string>,
  counted: { read: number },
): Promise<void> => {
  const { recorder, partitions } = field;
  const process = 'sdkreader1.0';
  const positions = new Map(Array.from({ length: partitions }, (_, partition) => [partition, 0]));
  assign(field, process, positions);
  let invokedAt = recorder.tick();
  for await (const { partition, offset, value } of follower) {
    const records: Read['records'] = [[offset, nameOf(value)]];
    const from = positions.get(partition)!;
    const reads = [{ partition: partitionName(field, partition), from, records }];
    positions.set(partition, offset + 1);
    recorder.add({ process, invokedAt, outcome: 'ok', kind: 'poll', reads });
    invokedAt = recorder.tick();
    counted.read += 1;
  }
  crashed(field, process);
};

export const sdkCrowd: Crowd = async (field, draw) => {
  const { url: endpoint, topic, recorder, runtime } = field;
  const stratalog = new Stratalog({ endpoint });
  const producer = stratalog.producer({ deliveryTimeoutMs: SDK_PATIENCE_MS });
  const follower = stratalog.reader({ topic, maxWaitMs: 500, retryTimeoutMs: SDK_PATIENCE_MS });
  const counted = { read: 0 };
  const reading = readOn(field, follower, counted);
  // A failure is told where it is awaited.
  reading.catch(() => {});
  await sendOn(field, producer, draw);
  await producer.close();
  const untilMs = runtime.monotonicMs() + PATIENCE_MS;
  while (counted.read < recorder.acknowledged && runtime.monotonicMs() < untilMs) {
    await Promise.race([reading, runtime.sleep(LOOK_EVERY_MS)]);
  }
  if (counted.read !== recorder.acknowledged) {
    field.surprise(
      `the SDK's reader was given ${counted.read} of ${recorder.acknowledged} records in ${PATIENCE_MS} ms`,
    );
  }
  await follower.close();
  await reading;
};
