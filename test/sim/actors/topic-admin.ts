/**
 * Makes topics, uses them, and deletes most of them.
 *
 *   create ─► there, empty ─► send ─┬─► stays: it is read with all the others in the end
 *                                   └─► delete ─► sends are refused
 */
import { type TopicName, topicName } from '../../../lib/model/ids.ts';
import type { Operation } from '../checker/history.ts';
import type { Reply } from '../world/network.ts';
import { type Actor, partitionName, pause, type Scene } from '../world/scene.ts';
import { batchWith, drawCount, fateOf, recordBatch, valuesOf } from './sending.ts';

const SENDS = 6;

export const topicAdmin: Actor = async (scene) => {
  const newValues = valuesOf(scene);
  for (let n = 1; scene.goesOn(); n++) {
    await pause(scene, 4_000);
    const topic = topicName(`${scene.name.replaceAll(' ', '-')}.${n}`);
    const isSettled = await create(scene, topic);
    await requireListed(scene, topic, true);
    const stays = scene.random() < 0.6;
    const operations: Operation[] = [];
    for (let left = SENDS; left > 0; left--) {
      await sendTo(scene, topic, newValues, operations);
      await pause(scene, 100);
    }
    if (stays) {
      scene.kept.push(topic);
      for (const operation of operations) scene.recorder.record(operation);
    } else {
      // Some send, as they have not heard of it.
      const discarded: Operation[] = [];
      const meanwhile = Array.from({ length: 2 }, async () => {
        await pause(scene, 50);
        await sendTo(scene, topic, newValues, discarded);
      });
      await Promise.all([remove(scene, topic), ...meanwhile]);
      if (!isSettled) continue;
      await requireListed(scene, topic, false);
      await refusesSends(scene, topic, newValues);
    }
  }
};

/** Until it is there. Whether no request is left that may make it again. */
const create = async (scene: Scene, topic: TopicName): Promise<boolean> => {
  const { network, recorder } = scene;
  /** A request of ours may have made it, or be making it. */
  let mayExist = false;
  for (let isFirst = true; ; isFirst = false) {
    const reply = await network.call({
      ask: (broker) => broker.createTopic({ name: topic, partitions: 1 }),
    });
    if (reply.told === 'answer') {
      const ends = reply.answer.partitions.map(({ logEndOffset }) => logEndOffset);
      if (ends.join() !== '0')
        recorder.complain(topic, `a new topic has partitions that end at ${ends.join(', ')}`);
      return isFirst && reply.deliveries === 1;
    }
    if (reply.told === 'refusal' && reply.error.code === 'TOPIC_ALREADY_EXISTS') {
      if (!mayExist && reply.deliveries === 1) {
        recorder.complain(topic, 'it was told to exist before anybody made it');
      }
      const there = await network.call({ ask: (broker) => broker.describeTopic(topic) });
      if (there.told === 'answer') return false;
    }
    mayExist ||= isOpen(reply);
    await pause(scene, 2_000);
  }
};

/** The list of topics has it, or has not. */
const requireListed = async (
  { network, recorder }: Scene,
  topic: TopicName,
  isThere: boolean,
): Promise<void> => {
  const reply = await network.call({ ask: (broker) => broker.listTopics() });
  if (reply.told !== 'answer') return;
  const isListed = reply.answer.topics.some(({ name }) => name === topic);
  if (isListed === isThere) return;
  recorder.complain(
    topic,
    isThere ? 'it was made, and is not listed' : 'it was deleted, and is listed',
  );
};

const sendTo = async (
  scene: Scene,
  topic: TopicName,
  newValues: ReturnType<typeof valuesOf>,
  into: Operation[],
): Promise<void> => {
  const { network, recorder } = scene;
  const values = newValues(drawCount(scene));
  const bytes = batchWith(scene, values);
  const invokedAt = recorder.moment();
  const reply = await network.call({
    ask: (broker) =>
      broker.produce({ topic, partitions: [{ partition: 0, batches: bytes.slice() }] }),
  });
  const fate = fateOf(reply, 0, 0);
  const mayHaveLanded = fate.outcome === 'fail' && reply.deliveries > 1;
  const sending = {
    ...scene,
    recorder: { ...recorder, record: (one: Operation) => into.push(one) },
  };
  recordBatch(sending, values, {
    process: scene.name,
    invokedAt,
    completedAt: recorder.moment(),
    partition: partitionName(topic, 0),
    producer: 'plain',
    attempts: reply.deliveries,
    ...fate,
    ...(mayHaveLanded && { outcome: 'info' }),
  });
};

/** Until it is gone. */
const remove = async (scene: Scene, topic: TopicName): Promise<void> => {
  const { network, recorder } = scene;
  /** A request of ours may have deleted it, or be deleting it. */
  let mayBeGone = false;
  for (;;) {
    const reply = await network.call({ ask: (broker) => broker.deleteTopic(topic) });
    if (reply.told === 'answer') return;
    if (reply.told === 'refusal' && reply.error.code === 'UNKNOWN_TOPIC_OR_PARTITION') {
      if (!mayBeGone && reply.deliveries === 1) {
        recorder.complain(topic, 'it was told not to exist before anybody deleted it');
      }
      return;
    }
    mayBeGone ||= isOpen(reply);
    await pause(scene, 2_000);
  }
};

/** Whether what was asked may have happened, or may yet happen. */
const isOpen = (reply: Reply<unknown> & { readonly deliveries: number }): boolean =>
  reply.told !== 'refusal' || reply.error.effect === 'unknown' || reply.deliveries > 1;

/** Whatever environments believe, nothing is appended to a topic that was deleted. */
const refusesSends = async (
  scene: Scene,
  topic: TopicName,
  newValues: ReturnType<typeof valuesOf>,
): Promise<void> => {
  for (let left = 3; left > 0; left--) {
    const told: Operation[] = [];
    await sendTo(scene, topic, newValues, told);
    if (told.some(({ outcome }) => outcome === 'ok')) {
      scene.recorder.complain(topic, 'a send was acknowledged after the topic was deleted', told);
    }
  }
};
