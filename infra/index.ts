/** What `stratalog/cdk` offers: a log and its topics as constructs of CDK. */
export type { AccessGrant } from './grants.ts';
export type { StackOutputs } from './imported.ts';
export type { IStratalog } from './log.ts';
export type { LogMetrics, TopicMetrics } from './metrics.ts';
export type { LogFunction } from './names.ts';
export type {
  FunctionProps,
  LogLevel,
  Monitoring,
  StratalogProps,
  ThrottleProps,
  ThroughputProps,
} from './props.ts';
export { Stratalog } from './stratalog.ts';
export { type ITopic, Topic } from './topic.ts';
export type { TopicAttributes, TopicProps } from './topic-props.ts';
