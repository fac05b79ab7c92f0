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
   * The topic as it is known if that `suits`, else by another look. Whoever asks goes on after those who
   * asked before, so that what comes in order lands in order, whatever each has to wait for.
   * @throws as `find`
   */
  findInOrder(name: TopicName, suits: (topic: Topic) => boolean): Promise<FoundTopic>;
  /** The topic by a later look than the one that told `believed`. @throws as `find` */
  findAgain(name: TopicName, believed: Topic): Promise<Topic>;
  /** The next `find` asks the store. */
  drop(name: TopicName): void;
}

export interface FoundTopic {
  readonly topic: Topic;
  /** Why there was no other look, where one was called for: `topic` is what was known. */
  readonly failure?: unknown;
}

/** A look at a topic; what it told, once it did. */
interface Look {
  readonly asked: Promise<Topic>;
  told?: Topic;
}

const ignore = (): void => undefined;

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
  /** When the last of those who go on in order goes on, as long as somebody waits. */
  const queues = new Map<TopicName, Promise<void>>();

  const ask = (name: TopicName): Promise<Topic> => {
    const look: Look = { asked: findTopic(items, name) };
    known.set(name, look);
    look.asked.then(
      (topic) => {
        look.told = topic;
      },
      // A topic that is not there may be created at any moment; a failure is no knowledge.
      () => known.peek(name) === look && known.delete(name),
    );
    return look.asked;
  };

  const find = (name: TopicName): Promise<Topic> => known.get(name)?.asked ?? ask(name);

  const findAgain = (name: TopicName, believed: Topic): Promise<Topic> => {
    const look = known.get(name);
    const isOld = look?.told?.id === believed.id && look.told.revision === believed.revision;
    return look === undefined || isOld ? ask(name) : look.asked;
  };

  const findSuiting = async (
    name: TopicName,
    suits: (topic: Topic) => boolean,
  ): Promise<FoundTopic> => {
    const topic = await find(name);
    if (suits(topic)) return { topic };
    try {
      return { topic: await findAgain(name, topic) };
    } catch (failure) {
      return { topic, failure };
    }
  };

  return {
    find,
    findAgain,
    findInOrder(name, suits) {
      const before = queues.get(name);
      const found = findSuiting(name, suits);
      // Told to who asked, in turn.
      found.catch(ignore);
      const inTurn = before?.then(() => found) ?? found;
      const over = inTurn.then(ignore, ignore);
      queues.set(name, over);
      void over.then(() => queues.get(name) === over && queues.delete(name));
      return inTurn;
    },
    drop: (name) => {
      known.delete(name);
    },
  };
};
