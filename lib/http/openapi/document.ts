/**
 * The OpenAPI document, made from the table of routes, what is told of each route, and the schemas that
 * requests are checked by. Nothing of it is loaded before somebody asks for it.
 */
import { MAX_GROUP_ID_LENGTH } from '../../model/limits.ts';
import { DOCS_ASSETS } from '../docs-assets.ts';
import { ROUTES, type Route, type RouteName } from '../routes.ts';
import { OFFSET_OPERATIONS } from './offsets.ts';
import { type Content, type Operation, TAGS } from './operation.ts';
import { problemsOf } from './problems.ts';
import { RECORD_OPERATIONS } from './records.ts';
import { type Components, components, type JsonSchema, parametersOf } from './schemas.ts';
import { SERVICE_OPERATIONS } from './service.ts';
import { TOPIC_OPERATIONS } from './topics.ts';

/** Every route in words. */
export const OPERATIONS: Readonly<Record<RouteName, Operation>> = {
  ...TOPIC_OPERATIONS,
  ...RECORD_OPERATIONS,
  ...OFFSET_OPERATIONS,
  ...SERVICE_OPERATIONS,
};

/** Of the package; a test compares the two. */
const VERSION = '0.1.0';

const ABOUT = `A Kafka-shaped log. Errors are problem details (RFC 9457): \`code\` is Kafka's name of the error where it has one, \`detail\` says what was wrong and what to do, \`retriable\` whether the same call may succeed later, and \`effect\` whether what was asked may have happened all the same.

Bodies of requests may come as gzip or zstd (\`content-encoding\`).`;

const HEX = '[0-9A-F]';
/** A byte of UTF-8 that goes on with a character, as it is escaped. */
const GOES_ON = `~[89AB]${HEX}`;

/** One character of a group's id: plain where it may be, else the bytes of what can be printed. */
const GROUP_CHARACTER = [
  '[a-zA-Z0-9._-]',
  '~(2[0-9A-CF]|3[A-F]|40|5[B-E]|60|7[B-E])',
  `~C2~[AB]${HEX}`,
  `~(C[3-9A-F]|D${HEX})${GOES_ON}`,
  `~E0~[AB]${HEX}${GOES_ON}`,
  `~E[1-9A-CEF]${GOES_ON}${GOES_ON}`,
  `~ED~[89]${HEX}${GOES_ON}`,
  `~F0~[9AB]${HEX}${GOES_ON}${GOES_ON}`,
  `~F[1-3]${GOES_ON}${GOES_ON}${GOES_ON}`,
  `~F4~8${HEX}${GOES_ON}${GOES_ON}`,
].join('|');

/** Each id has one spelling, so those of `.` and `..` are told apart. */
const GROUP_PATTERN = `^(~2E|~2E~2E|(?!\\.{1,2}$)(${GROUP_CHARACTER}){1,${MAX_GROUP_ID_LENGTH}})$`;

const PATH_PARAMETERS: Readonly<Record<string, JsonSchema>> = {
  topic: {
    description: '1 to 249 of a-z, A-Z, 0-9, ".", "_" and "-"; not "." or "..".',
    schema: { type: 'string', pattern: '^(?!\\.{1,2}$)[a-zA-Z0-9._-]{1,249}$' },
    example: 'orders',
  },
  partition: {
    description: 'Counted from 0.',
    schema: { type: 'integer', minimum: 0, maximum: 2 ** 31 - 1 },
    example: 0,
  },
  group: {
    description:
      'A group id. Each byte of its UTF-8 other than a-z, A-Z, 0-9, ".", "_" and "-" is written "~" and two upper-case hex digits, and the ids "." and ".." as "~2E" and "~2E~2E": a blank is "~20".',
    schema: { type: 'string', pattern: GROUP_PATTERN },
    example: 'billing',
  },
  asset: {
    description: 'A file of the page.',
    schema: { type: 'string', enum: [...DOCS_ASSETS.keys()] },
    example: 'swagger-ui.css',
  },
};

const contentOf = (
  io: 'input' | 'output',
  id: string,
  content: Readonly<Record<string, Content>>,
  all: Components,
): JsonSchema =>
  Object.fromEntries(
    Object.entries(content).map(([type, one]) => [
      type,
      'schema' in one
        ? { schema: all.refer(io, one.schema, id), example: one.example }
        : { schema: { type: 'string', ...(one.format === 'text' ? {} : { format: 'binary' }) } },
    ]),
  );

const operationOf = (route: Route, all: Components): JsonSchema => {
  const operation = OPERATIONS[route.name];
  const { tag, summary, description, query, queryExample = {}, request, answer } = operation;
  const name = `${route.name.charAt(0).toUpperCase()}${route.name.slice(1)}`;
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, parameter = '']) => ({
    name: parameter,
    in: 'path',
    required: true,
    ...PATH_PARAMETERS[parameter],
  }));
  const headers = Object.entries(answer.headers ?? {}).map(([header, told]) => [
    header,
    {
      description: told.description,
      schema: { type: typeof told.example === 'number' ? 'integer' : 'string' },
      example: told.example,
    },
  ]);
  return {
    operationId: route.name,
    tags: [tag],
    summary,
    description,
    parameters: [...inPath, ...(query === undefined ? [] : parametersOf(query, queryExample))],
    ...(request === undefined
      ? {}
      : {
          requestBody: {
            required: request.required,
            content: contentOf('input', `${name}Request`, request.content, all),
          },
        }),
    responses: {
      [answer.status]: {
        description: answer.description,
        ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) }),
        ...(answer.content === undefined
          ? {}
          : { content: contentOf('output', `${name}Answer`, answer.content, all) }),
      },
      ...problemsOf(route, operation, all),
    },
    'x-kafka-operation': route.verb,
    'x-iam': {
      action: 'execute-api:Invoke',
      resource: `${route.method}${route.path}`,
    },
  };
};

/** The document as JSON has it. */
export const openApiDocument = (): JsonSchema => {
  const all = components();
  const paths: Record<string, JsonSchema> = {};
  for (const route of ROUTES) {
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: operationOf(route, all),
    };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Stratalog',
      version: VERSION,
      description: ABOUT,
      license: { name: 'Apache 2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '.', description: 'Where this document comes from.' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    security: [{}, { iam: [] }],
    paths,
    components: {
      securitySchemes: {
        iam: {
          type: 'apiKey',
          name: 'authorization',
          in: 'header',
          description:
            'In AWS, requests are signed with Signature Version 4 for `execute-api`. The local service asks for nothing.',
          'x-amazon-apigateway-authtype': 'awsSigv4',
        },
      },
      schemas: all.schemas(),
      examples: all.examples(),
    },
  };
};
