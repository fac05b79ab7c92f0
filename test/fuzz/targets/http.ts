/**
 * HTTP: requests and bare events to the four functions, over stores in memory.
 *
 * Whatever comes, it is answered below 500, a refusal is a problem that keeps to its schema, what is
 * refused without effect has changed no item, and the log then takes and gives records as before.
 */
import assert from 'node:assert/strict';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { handler as commit } from '../../../functions/commit.ts';
import { handler as fetch } from '../../../functions/fetch.ts';
import { handler as produce } from '../../../functions/produce.ts';
import { provideBroker } from '../../../functions/runtime.ts';
import { handler as topics } from '../../../functions/topics.ts';
import { createBroker } from '../../../lib/broker/broker.ts';
import { problemSchema } from '../../../lib/http/schemas/problem.ts';
import { systemRuntime } from '../../../lib/model/runtime.ts';
import { BATCHES_MEDIA_TYPE } from '../../../lib/record/frames.ts';
import {
  json,
  type Reply,
  type Request,
  viaGateway,
  viaInvoke,
  viaRest,
} from '../../local/surfaces.ts';
import { seeded } from '../../support/virtual-runtime.ts';
import type { Chance } from '../chance.ts';
import { anyRequest } from '../requests.ts';
import { smallerBytes } from '../smaller.ts';
import { spoilt } from '../spoil.ts';
import { spoiltJson } from '../spoil-json.ts';
import type { Target } from '../target.ts';
import { contents, ORDERS, OTHER_VALUES, OTHERS, storesWith } from '../world.ts';

type Input =
  | { readonly by: 'gateway' | 'invoke' | 'rest'; readonly request: Request }
  /** An event as it is given to a function. */
  | { readonly by: keyof typeof FUNCTIONS; readonly event: unknown };

const FUNCTIONS = { topics, produce, fetch, commit };
const WAYS = { gateway: viaGateway, invoke: viaInvoke, rest: viaRest };

// ── inputs ───────────────────────────────────────────────────────────────────────────────────────

const bytesOf = (body: string | Uint8Array): Uint8Array =>
  typeof body === 'string' ? Buffer.from(body) : body;

const asText = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

const spoiltBody = (body: string | Uint8Array, chance: Chance): string | Uint8Array => {
  if (typeof body !== 'string' || chance.flip(0.3)) {
    const bytes = spoilt(bytesOf(body), chance);
    return typeof body === 'string' && chance.flip() ? asText(bytes) : bytes;
  }
  const lines = body.split('\n');
  const at = chance.below(lines.length);
  try {
    return lines.with(at, JSON.stringify(spoiltJson(JSON.parse(lines[at]!), chance))).join('\n');
  } catch {
    return asText(spoilt(bytesOf(body), chance));
  }
};

const TYPES = [
  'application/json',
  'application/x-ndjson',
  BATCHES_MEDIA_TYPE,
  'text/plain',
  '',
] as const;
const HEADERS: readonly (readonly [string, readonly string[]])[] = [
  [
    'content-type',
    [...TYPES, 'application/json; charset=utf-16', 'application/json;charset="utf-8"', ';'],
  ],
  ['content-encoding', ['gzip', 'zstd', 'identity', 'br', 'gzip, gzip', '']],
  ['accept', [...TYPES, '*/*;q=0', 'a/b,,;q=x', 'application/*']],
  ['content-length', ['0', '-1', '99999999999']],
];

const spoiltText = (text: string, chance: Chance): string =>
  asText(spoilt(Buffer.from(text), chance));

const spoiltRequest = (request: Request, chance: Chance): Request => {
  const { headers = {}, body } = request;
  switch (chance.below(6)) {
    case 0: {
      const [name, values] = chance.pick(HEADERS);
      return { ...request, headers: { ...headers, [name]: chance.pick(values) } };
    }
    case 1:
      return { ...request, query: spoiltText(request.query ?? 'a=1', chance) };
    case 2:
      return chance.flip()
        ? { ...request, path: spoiltText(request.path, chance) }
        : {
            ...request,
            method: chance.pick(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'TRACE', '']),
          };
    case 3: {
      if (body === undefined) return { ...request, body: chance.pick(['{}', 'x', '[]']) };
      const [encoding, bytes] = chance.flip()
        ? ['gzip', gzipSync(body)]
        : ['zstd', zstdCompressSync(body)];
      const sent = chance.flip()
        ? spoilt(bytes as Uint8Array, chance)
        : new Uint8Array(bytes as Uint8Array);
      return {
        ...request,
        headers: { ...headers, 'content-encoding': encoding as string },
        body: sent,
      };
    }
    default:
      return body === undefined ? request : { ...request, body: spoiltBody(body, chance) };
  }
};

const IAM = { userArn: 'arn:aws:iam::123456789012:user/u', accountId: '123456789012' };

const eventsOf = ({ method, path, query, headers, body }: Request): readonly object[] => {
  const bodyOf = {
    isBase64Encoded: body instanceof Uint8Array,
    body: body instanceof Uint8Array ? Buffer.from(body).toString('base64') : body,
  };
  return [
    {
      version: '2.0',
      routeKey: `${method} /topics/{topic}`,
      rawPath: path,
      rawQueryString: query ?? '',
      headers: headers ?? {},
      pathParameters: { topic: ORDERS },
      requestContext: { stage: '$default', http: { method }, authorizer: { iam: IAM } },
      ...bodyOf,
    },
    {
      resource: '/topics/{topic}',
      path,
      httpMethod: method,
      multiValueHeaders: { accept: ['application/json', '*/*'] },
      multiValueQueryStringParameters: { a: ['1', '2'], b: null },
      pathParameters: { topic: ORDERS },
      requestContext: { stage: 'prod', identity: IAM },
      ...bodyOf,
    },
  ];
};

const inputOf = (chance: Chance): Input => {
  let request = anyRequest(chance);
  if (chance.flip(0.15)) {
    const event = chance.flip()
      ? chance.pick(eventsOf(request))
      : { ...request, body: asText(bytesOf(request.body ?? '')) };
    const by = chance.pick(['topics', 'produce', 'fetch', 'commit'] as const);
    return { by, event: spoiltJson(JSON.parse(JSON.stringify(event)), chance) };
  }
  for (let times = chance.pick([0, 1, 1, 1, 2, 3]); times > 0; times--) {
    request = spoiltRequest(request, chance);
  }
  return { by: chance.pick(['gateway', 'invoke', 'rest']), request };
};

// ── what must hold ───────────────────────────────────────────────────────────────────────────────

const holdAnswer = ({ status, headers, body }: Reply, isHead: boolean): 'none' | 'some' => {
  assert(Number.isInteger(status) && status >= 200 && status < 500, `status ${status}`);
  if (status < 400) return 'some';
  assert.equal(headers['content-type'], 'application/problem+json');
  if (isHead) return 'none';
  const problem = problemSchema.parse(JSON.parse(body.toString()));
  assert.equal(problem.status, status);
  assert(problem.detail.length < 1_500, `a detail of ${problem.detail.length} characters`);
  return problem.effect === 'none' ? 'none' : 'some';
};

const replyOf = (answer: unknown): Reply => {
  const told = answer as {
    status?: number;
    statusCode?: number;
    headers: Record<string, string>;
    body: string;
    isBase64Encoded: boolean;
  };
  const body = Buffer.from(told.body, told.isBase64Encoded ? 'base64' : 'utf8');
  return {
    status: (told.status ?? told.statusCode)!,
    headers: told.headers,
    body,
    json: undefined,
  };
};

const send = async (input: Input): Promise<Reply> => {
  if ('event' in input)
    return replyOf(await FUNCTIONS[input.by](input.event, { awsRequestId: 'fuzz' }));
  return WAYS[input.by](input.request);
};

const records = (topic: string, partition: number): Request => ({
  method: 'GET',
  path: `/topics/${topic}/partitions/${partition}/records`,
  query: 'offset=earliest',
});

/** The other topic still takes and gives records, whatever was done to this one; if it is there. */
const holdLog = async (): Promise<void> => {
  const others = await viaInvoke({ method: 'GET', path: `/topics/${OTHERS}` });
  if (others.status === 200) {
    const path = `/topics/${OTHERS}/records`;
    const put = await viaInvoke({
      method: 'POST',
      path,
      ...json({ records: [{ value: 'after', partition: 0 }] }),
    });
    assert.equal(put.status, 200, put.body.toString());
    const { offset } = put.json.records[0] as { offset: number };
    const got = await viaInvoke(records(OTHERS, 0));
    assert.equal(got.status, 200);
    const read = got.json.records as { offset: number; value: string }[];
    assert.equal(read.at(-1)?.value, 'after');
    assert(offset >= OTHER_VALUES.length || others.json.topicId !== undefined);
  }
  for (const partition of [0, 1]) {
    const { status } = await viaInvoke(records(ORDERS, partition));
    assert(status === 200 || status === 404, `${ORDERS}/${partition} is read with ${status}`);
  }
};

/** What the log of the service would say: the cause of a 500. */
const listening = async <T>(work: (heard: () => unknown) => Promise<T>): Promise<T> => {
  const { error } = console;
  let heard: unknown;
  console.error = (...told: unknown[]) => {
    heard ??= told[1];
  };
  try {
    return await work(() => heard);
  } finally {
    console.error = error;
  }
};

const run = async (input: Input): Promise<string> => {
  const stores = await storesWith(await contents());
  const random = seeded(1);
  const runtime = {
    ...systemRuntime,
    randomBytes: (size: number) => Uint8Array.from({ length: size }, () => random() * 256),
  };
  const broker = createBroker({ ...stores, runtime, freezes: true });
  const takeBack = provideBroker({ broker, runtime, maxFetchWaitMs: 0 });
  try {
    return await listening(async (heard) => {
      const before = stores.items.all();
      const reply = await send(input);
      if (reply.status >= 500 && heard() instanceof Error) throw heard();
      const isHead = 'request' in input && input.request.method.toUpperCase() === 'HEAD';
      const effect = holdAnswer(reply, isHead);
      if (effect === 'none') assert.deepEqual(stores.items.all(), before);
      await holdLog();
      if (heard() !== undefined) throw heard();
      return String(reply.status);
    });
  } finally {
    takeBack();
    await broker.close();
  }
};

/** Every route, by every kind of event. */
export const http: Target<Input> = {
  allowed: [],
  make: inputOf,
  run,
  *smaller(input) {
    if ('event' in input) return;
    const { by, request } = input;
    for (const name of Object.keys(request.headers ?? {})) {
      const { [name]: _, ...headers } = request.headers!;
      yield { by, request: { ...request, headers } };
    }
    const { query, body, ...rest } = request;
    if (query !== undefined && body !== undefined) yield { by, request: { ...rest, body } };
    if (body === undefined) return;
    for (const fewer of smallerBytes(bytesOf(body))) {
      const smaller = typeof body === 'string' ? Buffer.from(fewer).toString() : fewer;
      yield { by, request: { ...request, body: smaller } };
    }
  },
};
