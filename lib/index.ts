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
export type { HeaderValue, MessageHeaders } from './client/headers.ts';
export type {
  OffsetQuery,
  OffsetSpec,
  PartitionOffset,
  PartitionStart,
  RecordDeletion,
} from './client/offsets.ts';
export { type RecordMetadata, SendError, type SendOutcome } from './client/producer/delivery.ts';
export type { ProducerMessage } from './client/producer/message.ts';
export type { ProducerOptions } from './client/producer/options.ts';
export type { Partitioner, PartitionerInput } from './client/producer/partitioning.ts';
export { createProducer, type Producer, type Send } from './client/producer/producer.ts';
export type { Message, RawMessage } from './client/reader/message.ts';
export type { ReaderOptions, ReadFrom } from './client/reader/options.ts';
export { createReader, type Reader } from './client/reader/reader.ts';
export {
  bytes,
  type Deserializer,
  json,
  type Serde,
  type SerdeContext,
  type Serializer,
  string,
} from './client/serde.ts';
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
