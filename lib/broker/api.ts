/**
 * The service API: one method per verb, called by every surface (HTTP, Invoke, later the Kafka
 * gateway). Names are validated (`TopicName`) before they come here; sizes and offsets are bytes and
 * plain numbers.
 */
import type { StratalogError } from '../model/errors.ts';
import type { GroupId, TopicName } from '../model/ids.ts';

export interface Broker {
  /** @throws TOPIC_ALREADY_EXISTS, INVALID_PARTITIONS, INVALID_CONFIG */
  createTopic(request: CreateTopicRequest): Promise<TopicDescription>;
  /** In order of name, a page at a time. */
  listTopics(request?: ListTopicsRequest): Promise<ListTopicsResult>;
  /** @throws UNKNOWN_TOPIC_OR_PARTITION */
  describeTopic(name: TopicName): Promise<TopicDescription>;
  /** The name is free when this resolves. @throws UNKNOWN_TOPIC_OR_PARTITION */
  deleteTopic(name: TopicName): Promise<void>;
  /** What the topic is afterwards. @throws INVALID_REQUEST, INVALID_CONFIG, UNKNOWN_TOPIC_OR_PARTITION */
  alterConfigs(request: AlterConfigsRequest): Promise<TopicDescription>;
  /**
   * What the topic is afterwards. Records with a key go to other partitions from then on.
   * @throws INVALID_PARTITIONS when it has as many, UNKNOWN_TOPIC_OR_PARTITION
   */
  addPartitions(request: AddPartitionsRequest): Promise<TopicDescription>;
  /** What whoever makes batches for a topic must know; cached. @throws UNKNOWN_TOPIC_OR_PARTITION */
  topicLimits(name: TopicName): Promise<TopicLimits>;
  /**
   * Appends. One answer per partition asked for, in that order; a bad partition does not harm the
   * others. Takes the buffers over: the caller must not touch them afterwards.
   * @throws UNKNOWN_TOPIC_OR_PARTITION when the topic does not exist
   */
  produce(request: ProduceRequest): Promise<readonly ProducePartitionResult[]>;
  /** Reads. One answer per partition asked for, in that order; it waits as the request allows. */
  fetch(request: FetchRequest): Promise<readonly FetchPartitionResult[]>;
  /** Looks offsets up, by strong reads. One answer per partition asked for, in that order. */
  listOffsets(request: ListOffsetsRequest): Promise<readonly ListOffsetsResult[]>;
  /** Moves log start offsets up. One answer per partition asked for, in that order. */
  deleteRecords(request: DeleteRecordsRequest): Promise<readonly DeleteRecordsResult[]>;
  /**
   * Where a group goes on. One answer per partition asked for, in that order.
   * @throws INVALID_REQUEST when a partition is named twice
   */
  commitOffsets(request: CommitOffsetsRequest): Promise<readonly CommitOffsetResult[]>;
  /**
   * What a group has committed: for each partition asked for, in that order, or all of it in order of topic
   * and partition. Of a topic that was deleted, or made again since, nothing is told.
   */
  fetchOffsets(request: FetchOffsetsRequest): Promise<FetchOffsetsResult>;
  /** An id that no other producer was ever given, at epoch 0. */
  initProducer(): Promise<ProducerIdentity>;
  /** What the installation is called, always the same, and its limits. */
  describeCluster(): Promise<ClusterDescription>;
  /** Does one strong read of the stores. @throws KAFKA_STORAGE_ERROR */
  checkHealth(): Promise<void>;
  /** Waits for what is under way. No call may follow. */
  close(): Promise<void>;
}

export interface CreateTopicRequest {
  readonly name: TopicName;
  readonly partitions: number;
  /** Kafka's config names and values as strings. */
  readonly configs?: Readonly<Record<string, string>>;
}

export interface ListTopicsRequest {
  /** Names above this one. */
  readonly after?: string;
  /** Default 1,000. */
  readonly limit?: number;
}

export interface ListTopicsResult {
  readonly topics: readonly TopicSummary[];
  /** `after` of the next page; absent on the last one. */
  readonly next?: string;
}

/** A topic in a list. */
export interface TopicSummary {
  readonly name: TopicName;
  readonly topicId: string;
  readonly partitions: number;
}

export interface TopicLimits {
  readonly partitions: number;
  /** `max.message.bytes`: the largest batch that is taken, header included. */
  readonly maxBatchBytes: number;
  /**
   * `message.timestamp.after.max.ms`: how far ahead of the time of their append timestamps may be, ms;
   * Infinity where records take that time anyway.
   */
  readonly timestampAfterMaxMs: number;
}

export interface TopicDescription {
  readonly name: TopicName;
  readonly topicId: string;
  /** ms since the epoch. */
  readonly createdAt: number;
  /** Every config honoured here, with its effective value and where that comes from. */
  readonly configs: readonly ConfigEntry[];
  readonly partitions: readonly PartitionDescription[];
}

export interface ConfigEntry {
  readonly name: string;
  readonly value: string;
  /** Kafka's names of the two sources. */
  readonly source: 'DYNAMIC_TOPIC_CONFIG' | 'DEFAULT_CONFIG';
  /** In force when nothing is set. */
  readonly defaultValue: string;
  /** What the config takes, in words. */
  readonly legal: string;
  readonly documentation: string;
}

export interface PartitionDescription {
  readonly partition: number;
  readonly logStartOffset: number;
  readonly logEndOffset: number;
  /** Bytes of record batches from the log start offset to the end. */
  readonly sizeBytes: number;
}

/** Batches for partitions of one topic; each partition is named once. */
export interface ProduceRequest {
  readonly topic: TopicName;
  readonly partitions: readonly ProducePartition[];
}

export interface ProducePartition {
  readonly partition: number;
  /** One or more whole record batches (magic 2), one after the other. */
  readonly batches: Uint8Array;
  /**
   * Append all of `batches` at this offset, or nothing: the partition must end there, else
   * UNEXPECTED_LOG_END tells where it does (optimistic concurrency). The batches have no producer, or one,
   * with one sequence after the other; what such a producer repeats is told the offset it has.
   */
  readonly expectedEnd?: number;
  /** Append all of `batches` or nothing, as with `expectedEnd`, wherever the partition ends. Default false. */
  readonly isWhole?: boolean;
}

/** The answer for one partition. */
export interface ProducePartitionResult {
  readonly partition: number;
  /** Offset of the first record of each batch, in order; −1: not in the log, `error` says why. */
  readonly baseOffsets: readonly number[];
  readonly logStartOffset: number;
  /** With `message.timestamp.type=LogAppendTime` the time the batches were given, ms; else −1. */
  readonly logAppendTime: number;
  /** The first failure. Where other batches were written its effect is `unknown`: sent again as a whole they would double. */
  readonly error?: StratalogError;
}

export interface FetchRequest {
  readonly partitions: readonly FetchPartition[];
  /** How long to wait for `minBytes`, ms. Default 0. */
  readonly maxWaitMs?: number;
  /** Default 1. */
  readonly minBytes?: number;
  /**
   * Over all partitions, dealt in their order; default 1 MiB. The first batch is returned even when it
   * is larger. Whoever reads many partitions changes their order from call to call.
   */
  readonly maxBytes?: number;
  /** Ends the wait early. */
  readonly signal?: AbortSignal;
}

export interface FetchPartition {
  readonly topic: TopicName;
  readonly partition: number;
  /** An offset, or where to stand. */
  readonly offset: number | 'earliest' | 'latest';
  /** Default: that of the request. */
  readonly maxBytes?: number;
}

/** The answer for one partition; when `error` is there, `batches` is empty and offsets are −1 where not known. */
export interface FetchPartitionResult {
  readonly topic: TopicName;
  readonly partition: number;
  /** Whole record batches with their real offsets; the first may begin before the offset asked for, and before the log start. */
  readonly batches: readonly Uint8Array[];
  /** Where to go on. */
  readonly nextOffset: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  readonly abortedTransactions: readonly AbortedTransaction[];
  readonly error?: StratalogError;
}

/** A transaction whose records, from `firstOffset` on, a read_committed reader passes over. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

/** Configs to set and names to set back to their defaults; all of it happens, or nothing. */
export interface AlterConfigsRequest {
  readonly topic: TopicName;
  readonly set?: Readonly<Record<string, string>>;
  readonly reset?: readonly string[];
}

export interface AddPartitionsRequest {
  readonly topic: TopicName;
  /** How many there are to be in all: more than there are. */
  readonly partitions: number;
}

/**
 * What is asked of a partition: where it begins or ends, where the first record at or after a time
 * (ms since the epoch) is, or where the record with the latest timestamp is.
 */
export type OffsetSpec = 'earliest' | 'latest' | 'max-timestamp' | { readonly timestamp: number };

/** A partition may be asked for more than once. */
export interface ListOffsetsRequest {
  readonly partitions: readonly ListOffsetsPartition[];
}

/** What is asked of one partition. A timestamp from 0 to as far ahead of now as the topic's records may be; else INVALID_TIMESTAMP. */
export interface ListOffsetsPartition {
  readonly topic: TopicName;
  readonly partition: number;
  readonly at: OffsetSpec;
}

/** The answer for one partition. */
export interface ListOffsetsResult {
  readonly topic: TopicName;
  readonly partition: number;
  /** −1: there is no such record. */
  readonly offset: number;
  /** Of that record, ms; −1 for the two ends, and where there is none. */
  readonly timestamp: number;
  readonly error?: StratalogError;
}

/** Each partition is named once. */
export interface DeleteRecordsRequest {
  readonly partitions: readonly DeleteRecordsPartition[];
}

/** What is to go from one partition. */
export interface DeleteRecordsPartition {
  readonly topic: TopicName;
  readonly partition: number;
  /** The new log start offset; `latest`: all records there are. An offset already passed changes nothing. */
  readonly before: number | 'latest';
}

/** The answer for one partition. */
export interface DeleteRecordsResult {
  readonly topic: TopicName;
  readonly partition: number;
  /** Afterwards; −1 when `error` is there. */
  readonly logStartOffset: number;
  readonly error?: StratalogError;
}

/** What an idempotent producer puts into its batches, with sequences of its own from 0 on per partition. */
export interface ProducerIdentity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

export interface CommitOffsetsRequest {
  readonly group: GroupId;
  /** The group's epoch as it was read; default: as it is now. */
  readonly epoch?: number;
  readonly offsets: readonly OffsetToCommit[];
}

export interface OffsetToCommit {
  readonly topic: TopicName;
  readonly partition: number;
  /** Of the record that is next. */
  readonly offset: number;
  /** Default: empty. */
  readonly metadata?: string;
  /** Of the record before; default: −1, not known. */
  readonly leaderEpoch?: number;
}

/** The answer for one partition: done, unless `error` is there. */
export interface CommitOffsetResult {
  readonly topic: TopicName;
  readonly partition: number;
  readonly error?: StratalogError;
}

export interface FetchOffsetsRequest {
  readonly group: GroupId;
  /** Default: all that the group has committed. */
  readonly partitions?: readonly { readonly topic: TopicName; readonly partition: number }[];
}

export interface FetchOffsetsResult {
  /** The group's epoch; 0: it never had members. */
  readonly epoch: number;
  readonly offsets: readonly CommittedOffset[];
}

export interface CommittedOffset {
  readonly topic: TopicName;
  readonly partition: number;
  /** −1: none was committed. */
  readonly offset: number;
  readonly metadata: string;
  readonly leaderEpoch: number;
  readonly error?: StratalogError;
}

export interface ClusterDescription {
  /** As Kafka writes it: 16 random bytes, base64url. */
  readonly clusterId: string;
  /** The largest `max.message.bytes` a topic can have. */
  readonly maxBatchBytes: number;
  readonly maxPartitionsPerTopic: number;
}
