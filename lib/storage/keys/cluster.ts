/**
 * CLUSTER: what this installation is called.
 *
 *   pk  CLUSTER      sk  ID       `id`: 16 random bytes as base64url, as Kafka writes such ids
 *
 * Put *if absent* by whoever asks first; never changed, never deleted.
 */
import type { Item, ItemKey } from '../algebra.ts';
import { name } from '../attributes.ts';

/** Migration: none yet. */
export const CLUSTER_VERSION = 1;

export const CLUSTER_KEY: ItemKey = { pk: 'CLUSTER', sk: 'ID' };

/** The item that names the installation. */
export const clusterItem = (id: string): Item => ({ ...CLUSTER_KEY, v: CLUSTER_VERSION, id });

/** The id, undefined when nobody has asked for it yet. @throws CORRUPT_STORE */
export const readClusterId = (item: Item | undefined): string | undefined =>
  item === undefined ? undefined : name(item, 'id');
