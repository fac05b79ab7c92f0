/** The local server: its limits, callers that leave, and how it ends. */
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { type LocalStack, startLocal } from '../../lib/local/start.ts';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { json, viaServer } from './surfaces.ts';

let stack: LocalStack | undefined;
const up = async (): Promise<LocalStack> => {
  stack = await startLocal({ httpPort: 0 });
  return stack;
};
afterEach(async () => {
  await stack?.close();
  stack = undefined;
});

it('refuses a body by its declared size, before any of it came', async () => {
  const { port } = await up();
  const socket = connect(port, '127.0.0.1');
  socket.write(
    'POST /topics/t/records HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 50000000\r\n\r\n',
  );
  const answer = await new Promise<string>((resolve) =>
    socket.once('data', (data) => resolve(String(data))),
  );
  socket.destroy();
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(answer).toContain('MESSAGE_TOO_LARGE');
});

it('refuses a body of undeclared size once it has become too large', async () => {
  const { port } = await up();
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const sent = request(
      { port, host: '127.0.0.1', method: 'POST', path: '/topics/t/records' },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    );
    sent.on('error', reject);
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    for (let i = 0; i < 8; i += 1) sent.write(chunk);
    sent.end();
  });
  expect(status).toBe(413);
});

it('forgets a caller who leaves while it waits', async () => {
  const { port } = await up();
  const send = viaServer(port);
  await send({ method: 'POST', path: '/topics', ...json({ name: 't' }) });
  const callers = Array.from({ length: 20 }, () => {
    const path = '/topics/t/partitions/0/records?offset=0&maxWaitMs=20000';
    const sent = request({ port, host: '127.0.0.1', path });
    sent.on('error', () => {});
    sent.end();
    return sent;
  });
  await systemRuntime.sleep(200);
  for (const caller of callers) caller.destroy();
  await systemRuntime.sleep(50);
  const started = systemRuntime.monotonicMs();
  await stack?.close();
  stack = undefined;
  expect(systemRuntime.monotonicMs() - started).toBeLessThan(1_000);
});

it('answers who waits when it is closed, and closes at once', async () => {
  const { port } = await up();
  const send = viaServer(port);
  await send({ method: 'POST', path: '/topics', ...json({ name: 't' }) });
  const waiting = send({
    method: 'GET',
    path: '/topics/t/partitions/0/records',
    query: 'offset=0&maxWaitMs=20000',
  });
  await systemRuntime.sleep(100);
  const started = systemRuntime.monotonicMs();
  await stack?.close();
  stack = undefined;
  expect((await waiting).json).toMatchObject({ nextOffset: 0, records: [] });
  expect(systemRuntime.monotonicMs() - started).toBeLessThan(2_000);
});

it('keeps what it acknowledged while it was being closed', async () => {
  const { port } = await up();
  const send = viaServer(port);
  await send({ method: 'POST', path: '/topics', ...json({ name: 't' }) });
  const write = () =>
    send({ method: 'POST', path: '/topics/t/records', ...json({ records: [{ value: 'x' }] }) });
  const writing = Array.from({ length: 50 }, () =>
    write().then(
      ({ status }) => status,
      () => 0,
    ),
  );
  await systemRuntime.sleep(5);
  await stack?.close();
  stack = undefined;
  for (const status of await Promise.all(writing)) expect([200, 0]).toContain(status);
});

it('runs once per process, and again once it was closed', async () => {
  const { port } = await up();
  await expect(startLocal({ httpPort: 0 })).rejects.toThrow(/one broker per process/);
  expect((await viaServer(port)({ method: 'GET', path: '/health' })).status).toBe(200);
  await stack?.close();
  const again = await up();
  expect((await viaServer(again.port)({ method: 'GET', path: '/health' })).status).toBe(200);
});

it('passes text as text and all else as base64, as API Gateway does', async () => {
  const { port } = await up();
  const send = viaServer(port);
  await send({ method: 'POST', path: '/topics', ...json({ name: 't' }) });
  const path = '/topics/t/records';
  const body = '{"value":"ü"}';
  const headers = { 'content-type': 'application/x-ndjson; charset=utf-8' };
  expect((await send({ method: 'POST', path, headers, body })).status).toBe(200);
});

it('answers HEAD with the headers of GET, its length too, and no body', async () => {
  const { port } = await up();
  const send = viaServer(port);
  await send({ method: 'POST', path: '/topics', ...json({ name: 't' }) });
  for (const path of ['/topics/t', '/topics', '/topics/nope', '/health']) {
    const get = await send({ method: 'GET', path });
    const head = await send({ method: 'HEAD', path });
    expect(head.status).toBe(get.status);
    expect(head.body.length).toBe(0);
    expect(head.headers['content-length']).toBe(String(get.body.length));
    expect(head.headers['content-type']).toBe(get.headers['content-type']);
  }
});

it('tells the limit of the content type that was sent', async () => {
  const { port } = await up();
  const send = viaServer(port);
  const body = `{"value":"${'x'.repeat(5_000_000)}"}\n`;
  const lines = { 'content-type': 'application/x-ndjson' };
  const refused = await send({ method: 'POST', path: '/topics/t/records', headers: lines, body });
  expect(refused.status).toBe(413);
  expect(refused.json).toMatchObject({
    detail: expect.stringMatching(/^The body is too large: .* takes 4669440 bytes\./),
    maxBytes: 4_669_440,
  });
});
