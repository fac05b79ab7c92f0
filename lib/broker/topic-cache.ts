/**
 * What this process knows of topics, so that an append or a fetch need not ask every time.
 *
 * A name can come to mean another topic at any moment. Nothing is lost by an old belief: the heads of
 * a deleted topic are gone, the call that meets that drops the belief and asks again.
 */
import { LRUCache } from 'lru-cache';
import { findTopic } from '../log/topics/find.ts';
import type { TopicName } from '../model/ids.ts';
import { MAX_CACHED_TOPICS, TOPIC_CACHE_TTL_MS } from '../model/limits.ts';
import type { Runtime } from '../model/runtime.ts';
import type { Topic } from '../storage/keys/topic.ts';
import type { ItemStore } from '../storage/ports.ts';

export interface TopicCache {
  /** @throws UNKNOWN_TOPIC_OR_PARTITION, StoreError */
  find(name: TopicName): Promise<Topic>;
  /** The next `find` asks the store. */
  drop(name: TopicName): void;
}

export const topicCache = (items: ItemStore, runtime: Pick<Runtime, 'monotonicMs'>): TopicCache => {
  const known = new LRUCache<TopicName, Promise<Topic>>({
    max: MAX_CACHED_TOPICS,
    ttl: TOPIC_CACHE_TTL_MS,
    // No timer of its own behind the runtime's back; and 0 means "no time" to it.
    ttlResolution: 0,
    perf: { now: () => runtime.monotonicMs() + 1 },
  });
  return {
    find: (name) => {
      const believed = known.get(name);
      if (believed !== undefined) return believed;
      const asked = findTopic(items, name);
      known.set(name, asked);
      // A topic that is not there may be created at any moment; a failure is no knowledge.
      asked.catch(() => known.peek(name) === asked && known.delete(name));
      return asked;
    },
    drop: (name) => {
      known.delete(name);
    },
  };
};
