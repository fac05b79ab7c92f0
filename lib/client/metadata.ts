/**
 * What a producer must know of a topic: how many partitions there are, and how large a batch may be.
 *
 * It is asked for once and believed for a while; then it is asked for again beside the work, which
 * goes on with what it has.
 */
import { asStratalogError } from '../model/errors.ts';
import { DEFAULT_MAX_BATCH_BYTES } from '../model/limits.ts';
import type { Connection } from './connection.ts';
import { patiently } from './retry.ts';
import { type TopicDescription, topicsClient } from './topics.ts';

export interface TopicMetadata {
  readonly partitions: number;
  /** `max.message.bytes`: the largest batch that is taken, header included. */
  readonly maxBatchBytes: number;
}

export interface MetadataCache {
  /**
   * What is known, asking first where nothing is.
   * @throws UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION, CONNECTION_FAILED after `patienceMs`
   */
  of(topic: string, patienceMs: number): TopicMetadata | Promise<TopicMetadata>;
  /** What is so now. @throws as `of` */
  refresh(topic: string, patienceMs: number): Promise<TopicMetadata>;
}

const metadataOf = ({ partitions, configs }: TopicDescription): TopicMetadata => {
  const limit = configs.find(({ name }) => name === 'max.message.bytes')?.value;
  return {
    partitions: partitions.length,
    maxBatchBytes: Number(limit ?? DEFAULT_MAX_BATCH_BYTES),
  };
};

/** @param maxAgeMs how long it is believed */
export const metadataCache = (connection: Connection, maxAgeMs: number): MetadataCache => {
  const { runtime } = connection;
  const topics = topicsClient(connection);
  const known = new Map<string, { readonly metadata: TopicMetadata; readonly atMs: number }>();
  const loading = new Map<string, Promise<TopicMetadata>>();

  const load = async (topic: string, patienceMs: number): Promise<TopicMetadata> => {
    try {
      const describe = () => topics.describeTopic(topic);
      const description = await patiently(describe, connection, patienceMs);
      const metadata = metadataOf(description);
      known.set(topic, { metadata, atMs: runtime.monotonicMs() });
      return metadata;
    } catch (caught) {
      const error = asStratalogError(caught);
      if (error.code === 'UNKNOWN_TOPIC_OR_PARTITION') known.delete(topic);
      throw error;
    } finally {
      loading.delete(topic);
    }
  };

  const refresh = (topic: string, patienceMs: number): Promise<TopicMetadata> => {
    const underWay = loading.get(topic);
    if (underWay !== undefined) return underWay;
    const fresh = load(topic, patienceMs);
    loading.set(topic, fresh);
    return fresh;
  };

  return {
    refresh,
    of: (topic, patienceMs) => {
      const found = known.get(topic);
      if (found === undefined) return refresh(topic, patienceMs);
      if (runtime.monotonicMs() - found.atMs > maxAgeMs) {
        // What it knows does until it knows better.
        refresh(topic, 0).catch(() => {});
      }
      return found.metadata;
    },
  };
};
