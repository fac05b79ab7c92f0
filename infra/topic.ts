/**
 * Topics: made by CloudFormation, or named where somebody else makes them.
 *
 *   new Topic ── Custom::StratalogTopic ──► the log's function topic-resource ──► a topic
 *   Topic.fromTopicName ── a name
 */
import { Annotations, CustomResource, Duration } from 'aws-cdk-lib';
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct, type IConstruct } from 'constructs';
import type { MetricName } from '../lib/model/metrics.ts';
import {
  type AccessGrant,
  consumerOpenings,
  grantRoutes,
  nameOfTopic,
  type Opening,
  producerOpenings,
} from './grants.ts';
import type { IStratalog } from './log.ts';
import { type TopicMetrics, topicMetric } from './metrics.ts';
import { type TopicAttributes, type TopicProps, topicOf } from './topic-props.ts';

/** A topic, made here (`new Topic`) or elsewhere (`Topic.fromTopicName`). */
export interface ITopic extends IConstruct, TopicMetrics {
  /** The log that it is a topic of. */
  readonly log: IStratalog;
  /** Known at synth, always. */
  readonly topicName: string;
  /**
   * Lets `grantee` append to this topic and to no other, look at it, and get the id of an idempotent producer: what the
   * SDK's producer and `stratalog produce` do.
   */
  grantProduce(grantee: IGrantable): AccessGrant;
  /**
   * Lets `grantee` read this topic and no other, look at it, and read and commit offsets of this group and of no other:
   * what the SDK's reader and `stratalog consume` do.
   * @param group none: for who keeps its place elsewhere
   */
  grantConsume(grantee: IGrantable, group?: string): AccessGrant;
}

abstract class TopicBase extends Construct implements ITopic {
  abstract readonly log: IStratalog;
  abstract readonly topicName: string;

  grantProduce(grantee: IGrantable): AccessGrant {
    return this.#grant(grantee, producerOpenings(this.topicName));
  }

  grantConsume(grantee: IGrantable, group?: string): AccessGrant {
    return this.#grant(grantee, consumerOpenings(this.topicName, group));
  }

  metricMessagesIn(options?: MetricOptions): Metric {
    return this.#metric('MessagesIn', options);
  }

  metricBytesIn(options?: MetricOptions): Metric {
    return this.#metric('BytesIn', options);
  }

  metricBytesOut(options?: MetricOptions): Metric {
    return this.#metric('BytesOut', options);
  }

  metricFailedProduceRequests(options?: MetricOptions): Metric {
    return this.#metric('FailedProduceRequests', options);
  }

  metricFailedFetchRequests(options?: MetricOptions): Metric {
    return this.#metric('FailedFetchRequests', options);
  }

  metricThrottledRequests(options?: MetricOptions): Metric {
    return this.#metric('ThrottledRequests', options);
  }

  metricOffsetsCommitted(options?: MetricOptions): Metric {
    return this.#metric('OffsetsCommitted', options);
  }

  #grant(grantee: IGrantable, openings: readonly Opening[]): AccessGrant {
    return grantRoutes({ scope: this.log, apiId: this.log.apiId }, grantee, openings);
  }

  #metric(name: MetricName, options: MetricOptions | undefined): Metric {
    const { logName, metricTopics } = this.log;
    if (metricTopics !== undefined && !metricTopics.includes(this.topicName)) {
      Annotations.of(this).addWarningV2(
        'stratalog:metricTopics',
        `The log ${this.log.node.path} counts nothing for the topic ${this.topicName} by itself, so its metrics stay empty. Name it in the log's metricTopics ($0.30 a month for each metric).`,
      );
    }
    return topicMetric(logName, this.topicName, name, options);
  }
}

/** Longer than the function takes with what Lambda tries again: without it CloudFormation waits an hour for one that cannot answer. */
const TIMEOUT = Duration.minutes(10);

/** A topic of a log, made, changed and removed with the stack. */
export class Topic extends TopicBase {
  /**
   * A topic that somebody else makes, to grant and to measure.
   * @throws an Error when the name is none that a topic can have, or is not known yet
   */
  static fromTopicName(scope: Construct, id: string, { log, name }: TopicAttributes): ITopic {
    return new NamedTopic(scope, id, log, nameOfTopic(name));
  }

  readonly log: IStratalog;
  readonly topicName: string;
  /** The UUID that tells this topic from another one of its name, known once it is deployed. */
  readonly topicId: string;

  /** @throws an Error that lists all that cannot work */
  constructor(scope: Construct, id: string, props: TopicProps) {
    super(scope, id);
    const topic = topicOf(this, props);
    this.log = props.log;
    this.topicName = topic.name;
    const resource = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::StratalogTopic',
      serviceToken: props.log.functions['topic-resource'].functionArn,
      serviceTimeout: TIMEOUT,
      removalPolicy: topic.removalPolicy,
      properties: {
        Name: topic.name,
        Partitions: topic.partitions,
        Configs: topic.configs,
        Removal: topic.removal,
      },
    });
    this.topicId = resource.getAttString('TopicId');
  }
}

class NamedTopic extends TopicBase {
  readonly log: IStratalog;
  readonly topicName: string;

  constructor(scope: Construct, id: string, log: IStratalog, name: string) {
    super(scope, id);
    this.log = log;
    this.topicName = name;
  }
}
