/**
 * Makes and deletes topics of one name, again and again. Nothing of one of them is in the next: no record, no
 * committed offset, whatever environments believe, and whatever copies of old writes turn up.
 *
 *   create ─► empty, nothing committed ─► send, commit ─► read: what was sent to this one ─► delete ─► gone
 *     ▲                                                                                              │
 *     └──────────────────────────────────────────────────────────────────────────────────────────────┘
 *
 * It asks over connections that deliver once and waits for every answer; only the end of a process leaves
 * it without one, and then nothing of the request is left to happen but late copies of single writes.
 */
import type { Broker } from '../../../lib/broker/api.ts';
import { groupId, type TopicName, topicName } from '../../../lib/model/ids.ts';
import { decodeBatch } from '../../../lib/record/decode.ts';
import type { Reply } from '../world/network.ts';
import { type Actor, pause, type Scene } from '../world/scene.ts';
import { batchWith, drawCount, type Fate, fateOf, nameOfValue, valuesOf } from './sending.ts';

const SENDS = 4;
const MOST_TRIES = 20;
const PATIENCE_MS = 3_600_000;

/** A batch sent to the topic as it is now. */
interface Sent {
  readonly values: readonly string[];
  readonly fate: Fate;
}

export const topicRecycler: Actor = async (scene) => {
  const topic = topicName(scene.name.replaceAll(' ', '-'));
  const newValues = valuesOf(scene);
  while (scene.goesOn()) {
    await pause(scene, 3_000);
    await create(scene, topic);
    await requireNoOffset(scene, topic);
    const sent: Sent[] = [];
    for (let left = SENDS; left > 0; left--) {
      sent.push(await send(scene, topic, newValues(drawCount(scene))));
      await pause(scene, 100);
    }
    await commit(scene, topic);
    await requireSent(scene, topic, sent);
    await remove(scene, topic);
    await requireGone(scene, topic, newValues);
  }
};

const asking = <T>({ network }: Scene, ask: (broker: Broker) => Promise<T>): Promise<Reply<T>> =>
  network.call({ ask, inOrder: true, patienceMs: PATIENCE_MS });

/** Until it is there. */
const create = async (scene: Scene, topic: TopicName): Promise<void> => {
  for (;;) {
    const made = await asking(scene, (broker) =>
      broker.createTopic({ name: topic, partitions: 1 }),
    );
    if (made.told === 'answer') return;
    // An earlier request of ours may have made it.
    const there = await asking(scene, (broker) => broker.describeTopic(topic));
    if (there.told === 'answer') return;
    await pause(scene, 10_000);
  }
};

const send = async (scene: Scene, topic: TopicName, values: readonly string[]): Promise<Sent> => {
  const bytes = batchWith(scene, values);
  const reply = await asking(scene, (broker) =>
    broker.produce({ topic, partitions: [{ partition: 0, batches: bytes }] }),
  );
  return { values, fate: fateOf(reply, 0, 0) };
};

const groupOf = ({ name }: Scene) => groupId(`group-of-${name.replaceAll(' ', '-')}`);

const commit = async (scene: Scene, topic: TopicName): Promise<void> => {
  const offsets = [{ topic, partition: 0, offset: 1 }];
  await asking(scene, (broker) => broker.commitOffsets({ group: groupOf(scene), offsets }));
};

/** Of a new topic nothing is committed. */
const requireNoOffset = async (scene: Scene, topic: TopicName): Promise<void> => {
  const reply = await asking(scene, (broker) =>
    broker.fetchOffsets({ group: groupOf(scene), partitions: [{ topic, partition: 0 }] }),
  );
  const told = reply.told === 'answer' ? reply.answer.offsets[0]! : undefined;
  if (told === undefined || told.error || told.offset === -1) return;
  scene.recorder.complain(topic, `it is new, and a group was told to go on at ${told.offset}`);
};

/** What is in it was sent to it, and what was acknowledged is where it was told to be. */
const requireSent = async (
  scene: Scene,
  topic: TopicName,
  sent: readonly Sent[],
): Promise<void> => {
  const { recorder } = scene;
  const log = await readAll(scene, topic);
  if (log === undefined) return;
  const expected = new Set(
    sent.flatMap(({ values, fate }) => (fate.outcome === 'fail' ? [] : values)),
  );
  log.forEach((value, offset) => {
    if (!expected.delete(value))
      recorder.complain(topic, `${value} is at ${offset}, and does not belong there`);
  });
  for (const { values, fate } of sent) {
    if (fate.offset === undefined) continue;
    const there = log.slice(fate.offset, fate.offset + values.length).join();
    if (there !== values.join()) {
      recorder.complain(topic, `${values} was told to be at ${fate.offset}; there is ${there}`);
    }
  }
};

/** Its values, by offset; undefined: it could not be read. */
const readAll = async (scene: Scene, topic: TopicName): Promise<readonly string[] | undefined> => {
  const values: string[] = [];
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const reply = await asking(scene, (broker) =>
      broker.fetch({ partitions: [{ topic, partition: 0, offset: values.length }] }),
    );
    const read = reply.told === 'answer' ? reply.answer[0]! : undefined;
    if (read === undefined || read.error) {
      await pause(scene, 2_000);
      continue;
    }
    for (const batch of read.batches) {
      for (const { offset, value } of decodeBatch(batch).records) {
        if (offset === values.length) values.push(nameOfValue(value));
      }
    }
    if (values.length >= read.highWatermark) return values;
  }
  return undefined;
};

/** Until it is gone. */
const remove = async (scene: Scene, topic: TopicName): Promise<void> => {
  for (;;) {
    const reply = await asking(scene, (broker) => broker.deleteTopic(topic));
    if (reply.told === 'answer') return;
    // An earlier request of ours may have deleted it.
    if (reply.told === 'refusal' && reply.error.code === 'UNKNOWN_TOPIC_OR_PARTITION') return;
    await pause(scene, 2_000);
  }
};

/** Nobody appends to it, reads it or knows it. */
const requireGone = async (
  scene: Scene,
  topic: TopicName,
  newValues: ReturnType<typeof valuesOf>,
): Promise<void> => {
  const { recorder } = scene;
  const { fate } = await send(scene, topic, newValues(1));
  if (fate.outcome === 'ok') recorder.complain(topic, `it was deleted, and took a record`);
  const read = await asking(scene, (broker) =>
    broker.fetch({ partitions: [{ topic, partition: 0, offset: 'earliest' }] }),
  );
  if (read.told === 'answer' && read.answer[0]!.error === undefined) {
    recorder.complain(topic, 'it was deleted, and can be read');
  }
  const known = await asking(scene, (broker) => broker.describeTopic(topic));
  if (known.told === 'answer') recorder.complain(topic, 'it was deleted, and is described');
};
