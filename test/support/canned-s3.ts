/**
 * What listens where S3 is expected, and answers as S3 does, or as a network in trouble: by a script. The client and
 * the adapter are the real ones.
 */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { type ClientOptions, s3Client } from '../../lib/storage/aws/clients.ts';
import { s3Blobs } from '../../lib/storage/aws/s3-blobs.ts';
import type { BlobStore } from '../../lib/storage/ports.ts';

/** What came in. */
export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** `'cut'`: the connection ends after the body, however long it was to be; `'never'`: no answer. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly ending?: 'cut' | 'never';
}

/** An error as S3 words it. */
export const errorAnswer = (
  status: number,
  code: string,
  headers: Readonly<Record<string, string>> = {},
): Answer => ({
  status,
  headers: { 'content-type': 'application/xml', ...headers },
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>What S3 says of ${code}.</Message></Error>`,
});

export interface CannedS3 {
  readonly store: () => BlobStore;
  readonly endpoint: () => string;
  /** What is answered from now on, one after the other; the last again and again. Forgets what was asked. */
  answer(...answers: readonly (Answer | ((asked: Asked) => Answer))[]): void;
  readonly asked: readonly Asked[];
}

export const ANYBODY: ClientOptions = {
  region: 'eu-central-1',
  credentials: { accessKeyId: 'anybody', secretAccessKey: 'anything' },
};

/** Runs while the tests of the file that calls this run. */
export const cannedS3 = (): CannedS3 => {
  const asked: Asked[] = [];
  let script: readonly (Answer | ((asked: Asked) => Answer))[] = [];
  let endpoint = '';
  let store: BlobStore;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = '', url = '', headers } = request;
    const one: Asked = { method, url, headers, body: Buffer.concat(chunks) };
    asked.push(one);
    const next = script[Math.min(asked.length, script.length) - 1] ?? {};
    const answer = typeof next === 'function' ? next(one) : next;
    if (answer.ending === 'never') return;
    response.writeHead(answer.status ?? 200, answer.headers ?? {});
    if (answer.ending === 'cut') response.write(answer.body ?? '', () => response.destroy());
    else response.end(answer.body);
  });

  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a port was asked for');
    endpoint = `http://127.0.0.1:${address.port}`;
    const client = s3Client({ ...ANYBODY, endpoint });
    store = s3Blobs({ client, bucket: 'logs', runtime: systemRuntime });
  });
  beforeEach(() => {
    asked.length = 0;
    script = [];
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    store: () => store,
    endpoint: () => endpoint,
    answer: (...answers) => {
      asked.length = 0;
      script = answers;
    },
    asked,
  };
};

/** What a call threw. */
export const thrown = async (call: Promise<unknown>): Promise<unknown> => {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
};
