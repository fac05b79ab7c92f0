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
  /**
   * The topic by a later look than the one that told `believed`. Who asks after others did gets their answer,
   * and not before them: what came in order goes on in order.
   * @throws as `find`
   */
  findAgain(name: TopicName, believed: Topic): Promise<Topic>;
  /** The next `find` asks the store. */
  drop(name: TopicName): void;
}

/** A look at a topic; what it told, once it did. */
interface Look {
  readonly asked: Promise<Topic>;
  told?: Topic;
}

export const topicCache = (items: ItemStore, runtime: Pick<Runtime, 'monotonicMs'>): TopicCache => {
  const known = new LRUCache<TopicName, Look>({
    // With `max` it makes room for all of them at once, and every process waits for that as it starts.
    maxSize: MAX_CACHED_TOPICS,
    sizeCalculation: () => 1,
    ttl: TOPIC_CACHE_TTL_MS,
    // No timer of its own behind the runtime's back; and 0 means "no time" to it.
    ttlResolution: 0,
    perf: { now: () => runtime.monotonicMs() + 1 },
  });
  /** The last look at each topic, while it lasts; it does not reject. */
  const underWay = new Map<TopicName, Promise<void>>();
  const ask = (name: TopicName): Promise<Topic> => {
    const found = findTopic(items, name);
    found.catch(() => undefined);
    // Whoever asked before, and was dropped, goes on before.
    const asked = underWay.get(name)?.then(() => found) ?? found;
    const over = asked.then(
      () => undefined,
      () => undefined,
    );
    underWay.set(name, over);
    void over.then(() => underWay.get(name) === over && underWay.delete(name));
    const look: Look = { asked };
    known.set(name, look);
    asked.then(
      (topic) => {
        look.told = topic;
      },
      // A topic that is not there may be created at any moment; a failure is no knowledge.
      () => known.peek(name) === look && known.delete(name),
    );
    return asked;
  };
  return {
    find: (name) => known.get(name)?.asked ?? ask(name),
    findAgain(name, believed) {
      const look = known.get(name);
      const isOld = look?.told?.id === believed.id && look.told.revision === believed.revision;
      return look === undefined || isOld ? ask(name) : look.asked;
    },
    drop: (name) => {
      known.delete(name);
    },
  };
};
