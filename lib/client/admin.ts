/** Everything that is not reading or writing records. */
import { type CallOptions, callJson } from './call.ts';
import { type Connection, type ConnectionOptions, connect } from './connection.ts';
import { type GroupsClient, groupsClient } from './groups.ts';
import { type OffsetsClient, offsetsClient } from './offsets.ts';
import { type TopicsClient, topicsClient } from './topics.ts';

export interface ClusterDescription {
  /** As Kafka writes it: 16 random bytes, base64url. */
  readonly clusterId: string;
  /** The largest `max.message.bytes` that a topic can have. */
  readonly maxBatchBytes: number;
  readonly maxPartitionsPerTopic: number;
  /** Bodies of requests: as text, measured as it is escaped in JSON, and as bytes. */
  readonly maxRequestBytes: { readonly encoded: number; readonly binary: number };
}

/**
 * Topics, their configs and offsets, the offsets of groups, and the service itself. What is retriable
 * and had no effect is tried again, as the connection's `retry` says; errors are StratalogErrors.
 */
export interface Admin extends TopicsClient, OffsetsClient, GroupsClient {
  describeCluster(options?: CallOptions): Promise<ClusterDescription>;
}

/** The admin over a connection that others share. */
export const adminOver = (connection: Connection): Admin => ({
  ...topicsClient(connection),
  ...offsetsClient(connection),
  ...groupsClient(connection),
  describeCluster: (options) =>
    callJson(connection, { method: 'GET', path: '/cluster', gives: 'clusterId' }, options),
});

/** An admin by itself, for programs that need nothing else. @throws INVALID_CONFIG */
export const createAdmin = (options: ConnectionOptions): Admin => adminOver(connect(options));
