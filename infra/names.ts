/** The names that the construct, its outputs and those who look a log up by its stack agree on. */
import type { FunctionName } from '../lib/http/routes.ts';

/** The functions that serve HTTP, the one that a schedule calls, and the one that CloudFormation calls. */
export const FUNCTION_NAMES = [
  'topics',
  'produce',
  'fetch',
  'commit',
  'maintain',
  'topic-resource',
] as const satisfies readonly (FunctionName | 'maintain' | 'topic-resource')[];

/** A Lambda function of the log, as its bundle is called. */
export type LogFunction = (typeof FUNCTION_NAMES)[number];

/** Those of `lib/http/routes.ts`. */
export const HTTP_FUNCTIONS = [
  'topics',
  'produce',
  'fetch',
  'commit',
] as const satisfies readonly FunctionName[];

/** The API's one stage: the default one, which has no name in URLs and this one in policies. */
export const STAGE = '$default';

/** What a stack tells of a log in it; each key comes after the construct's path below its stack. */
export const OUTPUT_KEYS = [
  'ApiEndpoint',
  'ApiId',
  'TableName',
  'BucketName',
  'TopicsFunction',
  'ProduceFunction',
  'FetchFunction',
  'CommitFunction',
  'MaintainFunction',
  'TopicResource',
] as const;
export type OutputKey = (typeof OUTPUT_KEYS)[number];

/** `topic-resource` → `TopicResource`: ids of constructs. */
export const idOf = (name: LogFunction): string =>
  name
    .split('-')
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join('');
