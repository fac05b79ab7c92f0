/** What users import. */
export { type Admin, type ClusterDescription, createAdmin } from './client/admin.ts';
export type { CallOptions } from './client/call.ts';
export type { ConnectionOptions, RetryOptions } from './client/connection.ts';
export type {
  CommittedOffset,
  CommittedPartition,
  GroupOffsets,
  OffsetCommit,
  OffsetToCommit,
} from './client/groups.ts';
export type {
  OffsetQuery,
  OffsetSpec,
  PartitionOffset,
  PartitionStart,
  RecordDeletion,
} from './client/offsets.ts';
export { Stratalog } from './client/stratalog.ts';
export type {
  ConfigChanges,
  MorePartitions,
  NewTopic,
  PartitionDescription,
  TopicConfig,
  TopicDescription,
  TopicSummary,
} from './client/topics.ts';
export {
  type Effect,
  type ErrorCode,
  type ErrorContext,
  type ErrorDetails,
  StratalogError,
} from './model/errors.ts';
export type { Runtime, Stop } from './model/runtime.ts';
