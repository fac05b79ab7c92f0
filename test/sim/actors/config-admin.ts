/**
 * Changes the topic that everybody uses: its configs, and now and then the first of them adds a partition.
 * Each has a config of its own, which nobody else changes: what it is told of it is what it was last told is
 * set, or what nobody could tell it of.
 */
import type { TopicDescription } from '../../../lib/broker/api.ts';
import type { Request } from '../world/network.ts';
import { type Actor, pause, type Scene } from '../world/scene.ts';

const MOST_PARTITIONS = 5;
/** Any value from this on is legal for either. */
const LEAST_VALUE = 1_000_000;
/** As many admins as there are of these can be told apart. */
const OWN_CONFIGS = ['max.message.bytes', 'message.timestamp.after.max.ms'] as const;
const NOT_SET = 'not set';

/** A config that only one admin changes. */
interface OwnConfig {
  readonly name: string;
  /** Values that it may have; the last one is certain until another is. */
  readonly possible: Set<string>;
  /** Changes that may happen later than those after them. */
  readonly doubtful: Set<string>;
  changes: number;
}

export const configAdmin: Actor = async (scene) => {
  const { topic } = scene;
  const number = Number(scene.name.split(' ').at(-1));
  const own: OwnConfig = {
    name: OWN_CONFIGS[number % OWN_CONFIGS.length]!,
    possible: new Set([NOT_SET]),
    doubtful: new Set(),
    changes: 0,
  };
  while (scene.goesOn()) {
    await pause(scene, 5_000);
    const dice = scene.random();
    if (dice < 0.3 && number === 1) {
      await grow(scene, own);
    } else if (dice < 0.5) {
      const type = scene.random() < 0.5 ? 'LogAppendTime' : 'CreateTime';
      const set = { 'message.timestamp.type': type };
      await ask(scene, own, (broker) => broker.alterConfigs({ topic, set }));
    } else if (dice < 0.8) {
      await changeOwn(scene, own);
    } else {
      await ask(scene, own, (broker) => broker.describeTopic(topic));
    }
  }
};

const changeOwn = async (scene: Scene, own: OwnConfig): Promise<void> => {
  const { topic } = scene;
  own.changes += 1;
  const value = String(LEAST_VALUE + own.changes);
  own.possible.add(value);
  const reply = await ask(scene, own, (broker) =>
    broker.alterConfigs({ topic, set: { [own.name]: value } }),
  );
  const isOnly = reply.deliveries === 1;
  if (reply.told === 'answer' && isOnly) {
    // What was in doubt may yet happen: it was not told to be over.
    for (const one of own.possible) {
      if (one !== value && !own.doubtful.has(one)) own.possible.delete(one);
    }
  } else if (reply.told === 'refusal' && reply.error.effect === 'none' && isOnly) {
    own.possible.delete(value);
  } else {
    own.doubtful.add(value);
  }
};

/** Adds a partition, and asks until it is there or is told not to be. */
const grow = async (scene: Scene, own: OwnConfig): Promise<void> => {
  const { topic, partitions, recorder } = scene;
  const wanted = partitions.count + 1;
  if (wanted > MOST_PARTITIONS) return;
  /** A request of ours may have added it, or be adding it. */
  let mayBeThere = false;
  for (;;) {
    const reply = await ask(scene, own, (broker) =>
      broker.addPartitions({ topic, partitions: wanted }),
    );
    if (partitions.count >= wanted) return;
    // An earlier one of ours may have been the one that made it.
    if (reply.told === 'refusal' && reply.error.code === 'INVALID_PARTITIONS') {
      if (!mayBeThere && reply.deliveries === 1 && reply.error.effect === 'none') {
        recorder.complain(topic, `partition ${wanted} was refused: ${reply.error.message}`);
      }
      await ask(scene, own, (broker) => broker.describeTopic(topic));
    }
    const isRefused = reply.told === 'refusal' && reply.error.effect === 'none';
    mayBeThere ||= !isRefused || reply.deliveries > 1;
    await pause(scene, 500);
  }
};

/** Asks, and learns how many partitions there are: never fewer than were told before. */
const ask = async (
  { network, partitions, recorder, topic }: Scene,
  { name, possible }: OwnConfig,
  request: Request<TopicDescription>['ask'],
): Promise<Awaited<ReturnType<Scene['network']['call']>>> => {
  const knownBefore = partitions.count;
  const reply = await network.call({ ask: request });
  if (reply.told !== 'answer') return reply;
  const config = reply.answer.configs.find((one) => one.name === name)!;
  const value = config.source === 'DEFAULT_CONFIG' ? NOT_SET : config.value;
  if (!possible.has(value)) {
    const set = [...possible].join(' or ');
    recorder.complain(topic, `its ${name} was told to be ${value}; set was ${set}`);
  }
  const told = reply.answer.partitions.length;
  if (told < knownBefore) {
    recorder.complain(topic, `it was told to have ${told} partitions, after ${knownBefore}`);
  }
  partitions.count = Math.max(partitions.count, told);
  return reply;
};
