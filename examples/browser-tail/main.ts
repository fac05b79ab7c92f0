/**
 * Serves the page, and passes what it reads on to the service: a page may call only where it came
 * from, and this one may read, but not write.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { build } from 'esbuild';

const SERVICE = process.env.STRATALOG_ENDPOINT ?? 'http://127.0.0.1:8080';
const PORT = Number(process.env.PORT ?? 3000);

/** The page as it is shipped: the SDK and all else in three small files, kept in memory. */
const bundlePage = async (): Promise<ReadonlyMap<string, Uint8Array>> => {
  const { outputFiles } = await build({
    absWorkingDir: join(import.meta.dirname, 'page'),
    entryPoints: ['tail.ts', 'tail.css', 'index.html'],
    loader: { '.html': 'copy' },
    entryNames: '[name]',
    outdir: '/',
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['stratalog-source'],
    write: false,
  });
  return new Map(outputFiles.map(({ path, contents }) => [path, contents]));
};

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
};

const reads = ({ method, url = '/' }: IncomingMessage): boolean =>
  (method === 'GET' && /^\/topics\//.test(url)) ||
  (method === 'POST' && /^\/topics\/[^/]+\/fetch$/.test(url));

const passOn = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const { 'content-type': type, accept } = request.headers;
  const answer = await fetch(`${SERVICE}${request.url}`, {
    method: request.method!,
    headers: { ...(type && { 'content-type': type }), ...(accept && { accept }) },
    body: request.method === 'POST' ? Buffer.concat(await request.toArray()) : null,
    signal: gone.signal,
  });
  response.writeHead(answer.status, {
    'content-type': answer.headers.get('content-type') ?? 'application/octet-stream',
  });
  if (answer.body === null) response.end();
  else await pipeline(Readable.fromWeb(answer.body), response);
};

/** A page of somebody else, led here under a name of its own, must not read the log. */
const isForThisMachine = ({ headers: { host = '' } }: IncomingMessage): boolean =>
  /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host);

const files = await bundlePage();
const server = createServer((request, response) => {
  if (!isForThisMachine(request)) {
    response.writeHead(403).end();
    return;
  }
  const { pathname } = new URL(request.url ?? '/', 'http://page');
  const name = pathname === '/' ? '/index.html' : pathname;
  const file = files.get(name);
  if (file !== undefined) {
    response.writeHead(200, { 'content-type': TYPES[name.split('.').pop()!] });
    response.end(file);
  } else if (reads(request)) {
    passOn(request, response).catch(() => {
      if (!response.headersSent) response.writeHead(502);
      response.end();
    });
  } else {
    response.writeHead(404).end();
  }
});
server.listen(PORT, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(`http://127.0.0.1:${port}/?topic=clicks`);
});
