/** What all producers have in common: values that are told apart, batches of them, and what an answer says. */
import type { ProducePartitionResult } from '../../../lib/broker/api.ts';
import type { StratalogError } from '../../../lib/model/errors.ts';
import { type BatchProducer, encodeBatch } from '../../../lib/record/encode.ts';
import type { Send } from '../checker/history.ts';
import type { Reply } from '../world/network.ts';
import { below, partitionName, type Scene } from '../world/scene.ts';

/** Ends what a value is called; the rest only makes it large. */
const PADDING = '|';
const LARGE_BYTES = 1_100;
const MEDIUM_BYTES = 300;
const MOST_VALUES = 3;
const OLDEST_MS = 60_000;

/** What tells a value apart, of the bytes that carry it. */
export const nameOfValue = (bytes: Uint8Array | null): string =>
  Buffer.from(
    (bytes ?? new Uint8Array()).subarray(0, bytes?.indexOf(PADDING.charCodeAt(0))),
  ).toString();

/** Names of new values, each given once. */
export const valuesOf = ({ name }: Scene): ((count: number) => readonly string[]) => {
  let given = 0;
  return (count) => Array.from({ length: count }, () => `${name}:${++given}`);
};

/** How many values go into a batch. */
export const drawCount = (scene: Scene): number => 1 + below(scene, MOST_VALUES);

/** A batch that carries `values`; some fit into a head, some do not. */
export const batchWith = (
  { random, plan, runtime }: Scene,
  values: readonly string[],
  producer?: BatchProducer,
): Uint8Array => {
  const size =
    random() < plan.largeShare ? LARGE_BYTES : random() < plan.mediumShare ? MEDIUM_BYTES : 0;
  return encodeBatch(
    values.map((value) => ({
      key: null,
      value: Buffer.from(value.padEnd(size, PADDING) + PADDING),
      // Clients' clocks differ, and what they tell of happened some time before.
      timestamp: runtime.now() - Math.floor(random() ** 4 * OLDEST_MS),
    })),
    producer === undefined ? {} : { producer },
  );
};

/** What a client knows of a batch. `offset`: of its first record, if that was told. */
export type Fate = Pick<Send, 'outcome' | 'offset' | 'logStart'>;

/** Why a partition's share was refused, as far as that was told. */
export const refusalOf = (
  reply: Reply<readonly ProducePartitionResult[]>,
  partition: number,
): StratalogError | undefined => {
  if (reply.told === 'nothing') return undefined;
  if (reply.told === 'refusal') return reply.error;
  return reply.answer.find((one) => one.partition === partition)!.error;
};

/** The topic that everybody uses has this partition: nobody is told that it has not. */
export const requireKnown = (
  { recorder, topic }: Scene,
  partition: number,
  error: StratalogError | undefined,
): void => {
  if (error?.code !== 'UNKNOWN_TOPIC_OR_PARTITION') return;
  recorder.complain(partitionName(topic, partition), `a send was told: ${error.message}`);
};

/** What became of the `index`th batch of a partition's share. */
export const fateOf = (
  reply: Reply<readonly ProducePartitionResult[]>,
  partition: number,
  index: number,
): Fate => {
  if (reply.told === 'nothing') return { outcome: 'info' };
  if (reply.told === 'refusal') return failed(reply.error.effect);
  const result = reply.answer.find((one) => one.partition === partition)!;
  const offset = result.baseOffsets[index] ?? -1;
  if (offset >= 0) return { outcome: 'ok', offset, logStart: result.logStartOffset };
  return failed(result.error?.effect ?? 'unknown');
};

const failed = (effect: 'none' | 'unknown'): Fate => ({
  outcome: effect === 'none' ? 'fail' : 'info',
});

/** Writes down each value of a batch; `more`: of the first one, where the others have the next offset. */
export const recordBatch = (
  { recorder }: Scene,
  values: readonly string[],
  { offset, expectedEnd, logEnd, ...shared }: Omit<Send, 'kind' | 'value'>,
): void => {
  values.forEach((value, index) => {
    recorder.record({
      kind: 'send',
      value,
      ...shared,
      ...(offset !== undefined && { offset: offset + index }),
      ...(expectedEnd !== undefined && { expectedEnd: expectedEnd + index }),
      ...(logEnd !== undefined && index === 0 && { logEnd }),
    });
  });
};
