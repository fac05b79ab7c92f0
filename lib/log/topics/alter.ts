/**
 * Alter the configs of a topic: all that is asked for in one change of its item, or nothing.
 *
 * The configs are judged by what the item says when it is changed (`lib/storage/revise.ts`), so of two who
 * alter different configs at once neither is lost, and of two who alter the same one the later wins.
 * Processes notice when they look the topic up the next time (`TOPIC_CACHE_TTL_MS`).
 */
import { StratalogError } from '../../model/errors.ts';
import type { TopicName } from '../../model/ids.ts';
import type { Runtime } from '../../model/runtime.ts';
import { type Change, equals, type Item, set } from '../../storage/algebra.ts';
import { readTopic, type Topic, topicKey } from '../../storage/keys/topic.ts';
import type { ItemStore } from '../../storage/ports.ts';
import { revise } from '../../storage/revise.ts';
import { configName, type TopicConfigs, validateConfigs } from '../configs.ts';
import { TOPIC_CONDITIONS } from './conditions.ts';
import { findTopic, unknownTopic } from './find.ts';

/** What is to become of a topic's configs. */
export interface ConfigChanges {
  readonly set: TopicConfigs;
  /** Names of those that go back to their defaults. */
  readonly reset: readonly string[];
}

/** The topic afterwards. @throws INVALID_REQUEST, INVALID_CONFIG, UNKNOWN_TOPIC_OR_PARTITION */
export const alterConfigs = async (
  items: ItemStore,
  runtime: Runtime,
  name: TopicName,
  changes: ConfigChanges,
): Promise<Topic> => {
  validateChanges(changes);
  const topic = await findTopic(items, name);
  const altered = await changeTopic(items, runtime, topic, 'the change of configs', (now) =>
    set('configs', changed(now.configs, changes)),
  );
  return readTopic(altered);
};

/**
 * Changes the item of a topic that was found, while it is that topic's.
 * @throws UNKNOWN_TOPIC_OR_PARTITION when it went meanwhile
 */
export const changeTopic = (
  items: ItemStore,
  runtime: Runtime,
  topic: Topic,
  what: string,
  change: (now: Topic) => Change,
): Promise<Item> =>
  revise(items, runtime, {
    key: topicKey(topic.name),
    what: `${what} of the topic ${topic.name}`,
    judge: (item) => {
      // A late copy of its claim may hold the name again, once it is deleted.
      if (item?.id !== topic.id || item.state !== 'active') throw unknownTopic(topic.name);
      return {
        if: { [TOPIC_CONDITIONS.topicAsFound]: equals('id', topic.id) },
        change: [change(readTopic(item))],
      };
    },
  });

const validateChanges = ({ set: wanted, reset }: ConfigChanges): void => {
  const names = Object.keys(wanted);
  if (names.length === 0 && reset.length === 0) {
    throw new StratalogError(
      'INVALID_REQUEST',
      'The change names no config. Say which to set, and to what, or which to reset.',
    );
  }
  validateConfigs(wanted);
  for (const name of reset) {
    configName(name);
    if (names.includes(name)) {
      throw new StratalogError(
        'INVALID_REQUEST',
        `${name} is both to be set and to be reset. Choose one.`,
        { context: { config: name } },
      );
    }
  }
};

const changed = (configs: TopicConfigs, { set: wanted, reset }: ConfigChanges): TopicConfigs =>
  Object.fromEntries(
    Object.entries({ ...configs, ...wanted }).filter(([name]) => !reset.includes(name)),
  );
