/**
 * Every route, once: the Hono apps, the local server, OpenAPI, the grants and the tests read this.
 *
 * Topic and verb are in the path, so that an IAM policy can name the topics it speaks of:
 * `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/POST/topics/orders/records`.
 *
 * Paths are compared as they were sent. No percent-decoding takes place, because no legal name needs
 * it and because API Gateway has authorised the path in one spelling: what is authorised and what is
 * done must not differ by a `%2e`.
 */

/** The Lambda functions that serve HTTP, one a file in `functions/`. */
export type FunctionName = 'topics' | 'produce' | 'fetch' | 'commit';

interface RouteShape {
  /** Operation id in OpenAPI, and the handler's name. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** OpenAPI's way of writing it. */
  readonly path: `/${string}`;
  /** What a policy allows by naming this route: Kafka's ACL operations. */
  readonly verb:
    | 'CREATE'
    | 'DESCRIBE'
    | 'ALTER'
    | 'ALTER_CONFIGS'
    | 'DELETE'
    | 'DELETE_RECORDS'
    | 'WRITE'
    | 'IDEMPOTENT_WRITE'
    | 'READ';
  readonly function: FunctionName;
  /** What the verb is done to: one topic, one group, or the log as a whole. */
  readonly resource: 'log' | 'topic' | 'group';
}

const route = <const R extends RouteShape>(shape: R): R => shape;

/** The table. */
export const ROUTES = [
  route({
    name: 'createTopic',
    method: 'POST',
    path: '/topics',
    verb: 'CREATE',
    function: 'topics',
    resource: 'log',
  }),
  route({
    name: 'listTopics',
    method: 'GET',
    path: '/topics',
    verb: 'DESCRIBE',
    function: 'topics',
    resource: 'log',
  }),
  route({
    name: 'describeTopic',
    method: 'GET',
    path: '/topics/{topic}',
    verb: 'DESCRIBE',
    function: 'topics',
    resource: 'topic',
  }),
  route({
    name: 'deleteTopic',
    method: 'DELETE',
    path: '/topics/{topic}',
    verb: 'DELETE',
    function: 'topics',
    resource: 'topic',
  }),
  route({
    name: 'alterConfigs',
    method: 'PATCH',
    path: '/topics/{topic}/configs',
    verb: 'ALTER_CONFIGS',
    function: 'topics',
    resource: 'topic',
  }),
  route({
    name: 'addPartitions',
    method: 'POST',
    path: '/topics/{topic}/partitions',
    verb: 'ALTER',
    function: 'topics',
    resource: 'topic',
  }),
  route({
    name: 'listOffsets',
    method: 'GET',
    path: '/topics/{topic}/offsets',
    verb: 'DESCRIBE',
    function: 'fetch',
    resource: 'topic',
  }),
  route({
    name: 'produce',
    method: 'POST',
    path: '/topics/{topic}/records',
    verb: 'WRITE',
    function: 'produce',
    resource: 'topic',
  }),
  route({
    name: 'fetch',
    method: 'POST',
    path: '/topics/{topic}/fetch',
    verb: 'READ',
    function: 'fetch',
    resource: 'topic',
  }),
  route({
    name: 'fetchPartition',
    method: 'GET',
    path: '/topics/{topic}/partitions/{partition}/records',
    verb: 'READ',
    function: 'fetch',
    resource: 'topic',
  }),
  route({
    name: 'deleteRecords',
    method: 'DELETE',
    path: '/topics/{topic}/partitions/{partition}/records',
    verb: 'DELETE_RECORDS',
    function: 'topics',
    resource: 'topic',
  }),
  route({
    name: 'initProducer',
    method: 'POST',
    path: '/producers',
    verb: 'IDEMPOTENT_WRITE',
    function: 'produce',
    resource: 'log',
  }),
  route({
    name: 'commitOffsets',
    method: 'POST',
    path: '/groups/{group}/offsets',
    verb: 'READ',
    function: 'commit',
    resource: 'group',
  }),
  route({
    name: 'fetchOffsets',
    method: 'GET',
    path: '/groups/{group}/offsets',
    verb: 'DESCRIBE',
    function: 'commit',
    resource: 'group',
  }),
  route({
    name: 'describeCluster',
    method: 'GET',
    path: '/cluster',
    verb: 'DESCRIBE',
    function: 'topics',
    resource: 'log',
  }),
  route({
    name: 'health',
    method: 'GET',
    path: '/health',
    verb: 'DESCRIBE',
    function: 'topics',
    resource: 'log',
  }),
  route({
    name: 'openApi',
    method: 'GET',
    path: '/openapi.json',
    verb: 'DESCRIBE',
    function: 'topics',
    resource: 'log',
  }),
  route({
    name: 'docs',
    method: 'GET',
    path: '/docs',
    verb: 'DESCRIBE',
    function: 'topics',
    resource: 'log',
  }),
  route({
    name: 'docsAsset',
    method: 'GET',
    path: '/docs/{asset}',
    verb: 'DESCRIBE',
    function: 'topics',
    resource: 'log',
  }),
] as const;

export type Route = (typeof ROUTES)[number];
export type RouteName = Route['name'];
/** The names of the routes that `F` serves. */
export type RouteNameOf<F extends FunctionName> = Extract<Route, { function: F }>['name'];

const PARTS = ROUTES.map((shape) => ({ route: shape, parts: shape.path.split('/') }));

/** Every route with this path, whatever its method: none is 404, none of the right method is 405. */
export const routesAt = (path: string): readonly Route[] => {
  const segments = path.split('/');
  const matches = (part: string, i: number): boolean =>
    part.startsWith('{') ? segments[i] !== '' : part === segments[i];
  return PARTS.filter(({ parts }) => parts.length === segments.length && parts.every(matches)).map(
    ({ route }) => route,
  );
};

/** Hono's way of writing a path: `/topics/:topic`. */
export const honoPath = (template: string): string => template.replaceAll(/\{(\w+)\}/g, ':$1');
