/**
 * The service API: one method per verb, called by every surface (HTTP, Invoke, later the Kafka
 * gateway). Names are validated (`TopicName`) before they come here; sizes and offsets are bytes and
 * plain numbers.
 */
import type { StratalogError } from '../model/errors.ts';
import type { TopicName } from '../model/ids.ts';

export interface Broker {
  /** @throws TOPIC_ALREADY_EXISTS, INVALID_PARTITIONS, INVALID_CONFIG */
  createTopic(request: CreateTopicRequest): Promise<TopicDescription>;
  /** In order of name, a page at a time. */
  listTopics(request?: ListTopicsRequest): Promise<ListTopicsResult>;
  /** @throws UNKNOWN_TOPIC_OR_PARTITION */
  describeTopic(name: TopicName): Promise<TopicDescription>;
  /** The name is free when this resolves. @throws UNKNOWN_TOPIC_OR_PARTITION */
  deleteTopic(name: TopicName): Promise<void>;
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
  /** Whole record batches with their real offsets; the first may begin before the offset asked for. */
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
