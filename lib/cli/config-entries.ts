/** The configs of a topic, as people read them. */
import type { TopicConfig } from '../client/topics.ts';

/** Where a config's value comes from, in a word. */
export const sourceText = ({ source }: TopicConfig): string =>
  source === 'DEFAULT_CONFIG' ? 'default' : 'topic';

/** What was set on the topic first. */
export const bySource = (configs: readonly TopicConfig[]): readonly TopicConfig[] =>
  ['DYNAMIC_TOPIC_CONFIG', 'DEFAULT_CONFIG'].flatMap((source) =>
    configs.filter((config) => config.source === source),
  );
