/**
 * What the whole installation is: its id, made by whoever asks first, and its limits.
 */
import { MAX_BATCH_BYTES, MAX_PARTITIONS_PER_TOPIC, STORE_PATIENCE_MS } from '../model/limits.ts';
import type { Runtime } from '../model/runtime.ts';
import { absent } from '../storage/algebra.ts';
import { CLUSTER_KEY, clusterItem, readClusterId } from '../storage/keys/cluster.ts';
import { retrying } from '../storage/patience.ts';
import { ConditionFailed, type ItemStore } from '../storage/ports.ts';
import type { ClusterDescription } from './api.ts';

/** The condition of the put: one id, for ever. */
export const CLUSTER_HAS_NO_ID = 'cluster-has-no-id';

/** Asks the store once, and remembers. */
export const createClusterDescriber = (
  items: ItemStore,
  runtime: Runtime,
): (() => Promise<ClusterDescription>) => {
  let known: Promise<string> | undefined;
  return async () => {
    known ??= retrying(runtime, runtime.monotonicMs() + STORE_PATIENCE_MS, () =>
      findOrMakeId(items, runtime),
    );
    const asked = known;
    try {
      return {
        clusterId: await asked,
        maxBatchBytes: MAX_BATCH_BYTES,
        maxPartitionsPerTopic: MAX_PARTITIONS_PER_TOPIC,
      };
    } catch (error) {
      // A failure is no knowledge.
      if (known === asked) known = undefined;
      throw error;
    }
  };
};

/** Whatever the answer to the put, what is read afterwards is the id: nobody puts a second. */
const findOrMakeId = async (items: ItemStore, runtime: Runtime): Promise<string> => {
  for (;;) {
    const id = readClusterId(await items.get(CLUSTER_KEY));
    if (id !== undefined) return id;
    try {
      await items.put(clusterItem(randomId(runtime)), { [CLUSTER_HAS_NO_ID]: absent('id') });
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }
};

/** Kafka's random ids do not begin with '-', which commands take for an option. */
const randomId = (runtime: Runtime): string => {
  const id = Buffer.from(runtime.randomBytes(16)).toString('base64url');
  return id.startsWith('-') ? randomId(runtime) : id;
};
