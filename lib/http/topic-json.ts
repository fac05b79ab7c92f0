/** Topics as JSON has them, and their configs as Kafka has those. */
import type { z } from 'zod';
import type { TopicDescription } from '../broker/api.ts';
import type { topicDescription } from './schemas/topic.ts';

/** Config values as Kafka has them, strings; JSON's numbers and booleans are taken as written. */
export const configsAsText = (configs: object = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(configs).map(([name, value]) => [name, String(value)]));

/** A topic that was made, changed or asked for: told alike. */
export const described = (topic: TopicDescription): z.input<typeof topicDescription> => ({
  ...topic,
  partitions: [...topic.partitions],
  configs: [...topic.configs],
});
