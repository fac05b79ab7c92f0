/**
 * The metrics of an installation: what the functions write, and what the construct offers as CloudWatch
 * metrics and draws. Names are Kafka's (`BrokerTopicMetrics`) where Kafka has one.
 *
 *   namespace  Stratalog
 *   by function   {Log, Function}     every function, always
 *   by topic      {Log, Topic}        for the topics that are named only: each combination of dimensions
 *                                     is a metric of its own to CloudWatch, and is paid for
 *
 * A metric that counts failures is written when something failed, so that a log at rest costs nothing.
 */

export const METRICS_NAMESPACE = 'Stratalog';

/** Names of dimensions. */
export const DIMENSIONS = { log: 'Log', function: 'Function', topic: 'Topic' } as const;

interface MetricDefinition {
  readonly unit: 'Count' | 'Bytes';
  readonly description: string;
}

/** By name: what is counted, and in which of CloudWatch's units. */
export const METRICS = {
  MessagesIn: { unit: 'Count', description: 'Records appended.' },
  BytesIn: { unit: 'Bytes', description: 'Bytes of the record batches appended.' },
  BytesOut: { unit: 'Bytes', description: 'Bytes of the record batches read.' },
  FailedProduceRequests: {
    unit: 'Count',
    description: 'Appends to a partition that failed, by whosever fault.',
  },
  FailedFetchRequests: {
    unit: 'Count',
    description: 'Reads of a partition that failed, by whosever fault.',
  },
  ThrottledRequests: {
    unit: 'Count',
    description:
      'Appends and reads of a partition refused for now, because a limit of AWS is reached; they count as failed, too.',
  },
  OffsetsCommitted: { unit: 'Count', description: 'Offsets that consumer groups committed.' },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;
