/** What users import. */
export { type ClientOptions, createClient, type StratalogClient } from './client/client.ts';
export type {
  FetchClient,
  FetchOptions,
  FetchResult,
  FetchShare,
  PartitionPosition,
} from './client/fetch.ts';
export type { ProduceClient, ProduceResult, ProduceShare } from './client/produce.ts';
export type {
  NewTopic,
  PartitionDescription,
  TopicConfig,
  TopicDescription,
  TopicPage,
  TopicSummary,
  TopicsClient,
} from './client/topics.ts';
export {
  type Effect,
  type ErrorCode,
  type ErrorContext,
  type ErrorDetails,
  StratalogError,
} from './model/errors.ts';
export type { Runtime, Stop } from './model/runtime.ts';
