/**
 * When all has come to rest: the service takes a record in every partition, and everything is read from
 * the start, through an environment that lived through all of it and through a new one.
 */
import type { StratalogError } from '../../../lib/model/errors.ts';
import type { TopicName } from '../../../lib/model/ids.ts';
import { nextOf, readOf } from '../actors/reading.ts';
import { batchWith, fateOf, recordBatch, valuesOf } from '../actors/sending.ts';
import type { Environment } from './environment.ts';
import { partitionName, pause, type Scene } from './scene.ts';

/** Within this time, ms, a healed service does what it is asked. */
const PROGRESS_MS = 60_000;

interface Target {
  readonly topic: TopicName;
  readonly partition: number;
}

/** Every environment takes a record for every partition of the topic that everybody uses, some time soon. */
export const probe = async (scene: Scene, environments: readonly Environment[]): Promise<void> => {
  const { runtime, recorder, topic } = scene;
  const newValues = valuesOf(scene);
  for (const to of environments) {
    for (let partition = 0; partition < scene.partitions.count; partition++) {
      const endMs = runtime.monotonicMs() + PROGRESS_MS;
      // What was asked before all was healed may still fail, and others wait for the same answer.
      for (;;) {
        const refusal = await sendOne(scene, { topic, partition }, to, newValues(1));
        if (refusal === undefined) break;
        if (runtime.monotonicMs() > endMs) {
          const why = `${to.name} takes no record within ${PROGRESS_MS} ms: ${refusal}`;
          recorder.complain(partitionName(topic, partition), why);
          break;
        }
        await pause(scene, 1_000);
      }
    }
  }
};

/** Why the values were not acknowledged; undefined: they were. */
const sendOne = async (
  scene: Scene,
  { topic, partition }: Target,
  to: Environment,
  values: readonly string[],
): Promise<string | undefined> => {
  const { network, recorder } = scene;
  const batches = batchWith(scene, values);
  const invokedAt = recorder.moment();
  const reply = await network.call({
    to,
    patienceMs: PROGRESS_MS,
    ask: (broker) => broker.produce({ topic, partitions: [{ partition, batches }] }),
  });
  const fate = fateOf(reply, partition, 0);
  recordBatch(scene, values, {
    process: scene.name,
    invokedAt,
    completedAt: recorder.moment(),
    partition: partitionName(topic, partition),
    producer: 'plain',
    attempts: 1,
    ...fate,
  });
  if (fate.outcome === 'ok') return undefined;
  const error = reply.told === 'answer' ? reply.answer[0]!.error : undefined;
  return describeError(reply.told === 'refusal' ? reply.error : error);
};

const describeError = (error: StratalogError | undefined): string =>
  error ? `${error.code}: ${error.message}` : 'no answer';

/** Reads everything through each of `environments`. */
export const readEverything = async (
  scene: Scene,
  environments: readonly Environment[],
): Promise<void> => {
  const { topic, kept, partitions } = scene;
  const targets = [
    ...Array.from({ length: partitions.count }, (_, partition) => ({ topic, partition })),
    ...kept.map((name) => ({ topic: name, partition: 0 })),
  ];
  for (const environment of environments) {
    for (const target of targets) await readAll(scene, target, environment);
  }
};

const readAll = async (scene: Scene, target: Target, to: Environment): Promise<void> => {
  const { network, recorder, runtime } = scene;
  const process = `${scene.name} at ${to.name}`;
  const name = partitionName(target.topic, target.partition);
  const endMs = runtime.monotonicMs() + PROGRESS_MS;
  for (let from: number | 'earliest' = 'earliest'; ; ) {
    const offset: number | 'earliest' = from;
    const invokedAt = recorder.moment();
    const reply = await network.call({
      to,
      patienceMs: PROGRESS_MS,
      ask: (broker) => broker.fetch({ partitions: [{ ...target, offset }] }),
    });
    const completedAt = recorder.moment();
    const call = { process, invokedAt, completedAt, outcome: 'ok' } as const;
    const result = reply.told === 'answer' ? reply.answer[0]! : undefined;
    if (result === undefined || result.error) {
      if (runtime.monotonicMs() < endMs) {
        // What failed before all was healed may be told to who asks for the same.
        await runtime.sleep(1_000);
        continue;
      }
      const why = describeError(reply.told === 'refusal' ? reply.error : result?.error);
      recorder.complain(name, `${to.name} cannot read it from ${offset} on: ${why}`);
      return;
    }
    const at: number = offset === 'earliest' ? result.logStartOffset : offset;
    if (offset === 'earliest') {
      const assigned = [{ partition: name, from: at }];
      recorder.record({ ...call, kind: 'assign', partitions: assigned });
    }
    const read = readOf(scene, at, result);
    recorder.record({ ...call, kind: 'poll', final: true, reads: [read] });
    from = nextOf(scene, read, result.nextOffset);
    if (from >= result.highWatermark) return;
    if (read.records.length === 0) {
      recorder.complain(name, `${to.name} reads nothing at ${from}, and the log ends later`);
      return;
    }
  }
};
