/** The functions as Lambda hosts them, over stores in memory: asked as API Gateway asks, with all that they write at hand. */
import { afterEach, beforeEach, vi } from 'vitest';
import { lambdaHost, type OpenStores } from '../../functions/lambda/host.ts';
import type { Environment } from '../../functions/lambda/settings.ts';
import { handler as produceHandler } from '../../functions/produce.ts';
import { provideHost } from '../../functions/runtime.ts';
import { handler as topicsHandler } from '../../functions/topics.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';

const SETTINGS = {
  STRATALOG_TABLE: 'logs',
  STRATALOG_BUCKET: 'logs-bucket',
  STRATALOG_LOG: 'Test-Log',
  STRATALOG_METRIC_TOPICS: 'orders, clicks',
};
/** What requests carry, and no line may. */
export const SECRET = 'what-nobody-else-may-read';
export const USER = 'arn:aws:sts::123456789012:assumed-role/writer/one';

/** Lines written to stdout and stderr. */
const lines: string[] = [];
let takeBack = () => {};

/** Keeps what is written from each test of a file, and ends its host. */
export const hostedTests = (): void => {
  beforeEach(() => {
    lines.length = 0;
    const keep = (chunk: string | Uint8Array) => {
      lines.push(...String(chunk).split('\n').filter(Boolean));
      return true;
    };
    vi.spyOn(process.stdout, 'write').mockImplementation(keep);
    vi.spyOn(process.stderr, 'write').mockImplementation(keep);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    takeBack();
  });
};

export const inMemory: OpenStores = () => ({ items: memoryItems(), blobs: memoryBlobs() });

/** Hosts the functions with these settings beside the usual ones. */
export const host = (environment: Environment = {}, openStores = inMemory): void => {
  takeBack = provideHost(lambdaHost({ ...SETTINGS, ...environment }, { openStores }));
};

interface Answer {
  readonly statusCode: number;
  readonly body: string;
}

/** As API Gateway asks, for the role `writer`. */
export const ask = async (
  handler: typeof topicsHandler,
  method: string,
  rawPath: string,
  body?: unknown,
  headers = {},
): Promise<Answer> =>
  (await handler(
    {
      version: '2.0',
      rawPath,
      rawQueryString: body instanceof Uint8Array ? 'partition=0' : '',
      headers: { authorization: SECRET, ...headers },
      body:
        body instanceof Uint8Array ? Buffer.from(body).toString('base64') : JSON.stringify(body),
      isBase64Encoded: body instanceof Uint8Array,
      requestContext: {
        requestId: 'gateway-1',
        http: { method },
        authorizer: { iam: { userArn: USER, accountId: '123456789012', callerId: 'AROA:one' } },
      },
    },
    { awsRequestId: 'lambda-1' },
  )) as Answer;

export const create = (name: string) =>
  ask(topicsHandler, 'POST', '/topics', { name, partitions: 2 });
export const produce = (topic: string, values: readonly string[], partition = 0) =>
  ask(produceHandler, 'POST', `/topics/${topic}/records`, {
    records: values.map((value) => ({ value, partition })),
  });

/** What was written since it was last taken, line by line; every line is JSON. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into lines of every shape
export const written = (): any[] => lines.splice(0).map((line) => JSON.parse(line));

/** Of that the log, without metrics. */
export const logged = () => written().filter((line) => 'level' in line);
