/** `stratalog dev` as a process: what it says, how it ends, what it keeps. */

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { ended, runCli, start, untilSays } from './process.ts';

const spawnDev = (args: readonly string[], env: NodeJS.ProcessEnv) =>
  start(['dev', '--http-port', '0', ...args], undefined, env);

it('says where it is and what to try, drains on SIGTERM and ends with 0', async () => {
  const child = start(['dev', '--in-memory', '--http-port', '0', '--kafka-port', '9999']);
  const result = ended(child);
  const banner = await untilSays(child, /Ctrl-C/);
  const url = /HTTP +(http:\S+)/.exec(banner)?.[1];
  expect(banner).toContain(`Docs    ${url}/docs\n`);
  expect(banner).toMatch(/Kafka +not there yet; port 9999/);
  expect(banner).toMatch(/Data +in memory/);
  expect(banner).toMatch(/curl -s/);
  expect(await runCli(['topics', 'create', 't'], url)).toMatchObject({ code: 0 });
  expect((await fetch(`${url}/health`)).status).toBe(200);
  child.kill('SIGTERM');
  expect(await result).toMatchObject({ code: 0, err: '' });
});

it('says so when the port is taken', async () => {
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const { port } = blocker.address() as { port: number };
  const result = await runCli(['dev', '--in-memory', '--http-port', String(port)]);
  blocker.close();
  expect(result).toEqual({
    code: 2,
    out: '',
    err: `stratalog: Port ${port} is in use. Stop what listens there, or choose another with --http-port.\n`,
  });
});

it('says what an origin is when it was given something else', async () => {
  const result = await runCli(['dev', '--in-memory', '--allow-origin', 'localhost:5173']);
  expect(result).toEqual({
    code: 2,
    out: '',
    err: 'stratalog: "localhost:5173" is no origin; it is scheme, host and port where that is not the usual one, such as http://localhost:5173.\n',
  });
});

it('lets the pages use it that were allowed', async () => {
  const page = 'http://localhost:5173';
  const child = spawnDev(['--in-memory', '--json', '--allow-origin', page], {});
  const { url } = JSON.parse(await untilSays(child, /\n$/));
  const from = async (origin: string) =>
    (await fetch(`${url}/topics`, { headers: { origin } })).headers.get(
      'access-control-allow-origin',
    );
  expect([await from(page), await from('http://localhost:3000')]).toEqual([page, null]);
  child.kill('SIGTERM');
  await once(child, 'exit');
});

it('takes its port from the environment, and refuses one that is none', async () => {
  const result = await runCli(['dev', '--http-port', '99999']);
  expect(result.code).toBe(2);
  expect(result.err).toMatch(/whole number from 0 to 65535/);
});

it('keeps what was written over a kill, lets nobody else in, and opens again', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'stratalog-dev-'));
  const up = async () => {
    const child = start(['dev', '--data-dir', directory, '--http-port', '0', '--json']);
    const said = JSON.parse(await untilSays(child, /\n$/));
    return { child, url: said.url as string };
  };
  const first = await up();
  await runCli(['topics', 'create', 't'], first.url);
  await runCli(['produce', 't'], first.url, 'a\nb\n');
  const refused = await runCli(['dev', '--data-dir', directory, '--http-port', '0']);
  expect(refused).toMatchObject({ code: 4, out: '' });
  expect(refused.err).toMatch(/^stratalog: The data directory .* is in use by process \d+.*\n$/);
  first.child.kill('SIGKILL');
  await once(first.child, 'close');

  const second = await up();
  expect((await runCli(['consume', 't'], second.url)).out).toBe('a\nb\n');
  await runCli(['produce', 't'], second.url, 'c\n');
  second.child.kill('SIGINT');
  expect((await once(second.child, 'close'))[0]).toBe(0);

  const third = await up();
  expect((await runCli(['consume', 't', '--offset', '1'], third.url)).out).toBe('b\nc\n');
  third.child.kill('SIGTERM');
  expect((await once(third.child, 'close'))[0]).toBe(0);
  rmSync(directory, { recursive: true });
});

it.each([
  ['', false],
  ['0', false],
  ['false', false],
  ['1', true],
  ['true', true],
])('STRATALOG_IN_MEMORY=%j: in memory %j', async (value, inMemory) => {
  const directory = mkdtempSync(join(tmpdir(), 'stratalog-dev-'));
  const env = { STRATALOG_IN_MEMORY: value };
  const child = spawnDev(['--json'], {
    ...env,
    ...(inMemory ? {} : { STRATALOG_DATA_DIR: directory }),
  });
  const { dataDir } = JSON.parse(await untilSays(child, /\n$/));
  expect(dataDir).toBe(inMemory ? null : directory);
  child.kill('SIGTERM');
  await once(child, 'close');
  rmSync(directory, { recursive: true });
});

it('refuses what does not say where the log is to be', async () => {
  const refused = async (args: string[], env: NodeJS.ProcessEnv = {}) => {
    const result = await runCli(['dev', '--http-port', '0', ...args], undefined, '', env);
    expect(result).toMatchObject({ code: 2, out: '' });
    return result.err;
  };
  expect(await refused([], { STRATALOG_IN_MEMORY: 'maybe' })).toMatch(/^stratalog: .*"maybe".*\n$/);
  expect(await refused(['--in-memory', '--data-dir', 'x'])).toMatch(/exclude each other/);
  expect(await refused([], { STRATALOG_IN_MEMORY: '1', STRATALOG_DATA_DIR: 'x' })).toMatch(
    /exclude each other/,
  );
  expect(await refused(['--data-dir', ''])).toMatch(/must not be empty/);
});

it('gives up where no directory can be made', async () => {
  const result = await runCli(['dev', '--http-port', '0', '--data-dir', '/proc/x']);
  expect(result).toMatchObject({ code: 2, out: '' });
  expect(result.err).toMatch(
    /^stratalog: Cannot create the data directory \/proc\/x: .*\. Choose another with --data-dir\.\n$/,
  );
});

it('lets those who write and follow ride out a restart of a few seconds', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'stratalog-dev-'));
  const up = async (port: string) => {
    const child = start(['dev', '--data-dir', directory, '--http-port', port, '--json']);
    return { child, url: JSON.parse(await untilSays(child, /\n$/)).url as string };
  };
  const first = await up('0');
  await runCli(['topics', 'create', 't'], first.url);
  const producer = start(['produce', 't'], first.url);
  const follower = start(['consume', 't', '--follow', '--from-beginning', '--max', '2'], first.url);
  const [produced, followed] = [ended(producer), ended(follower)];
  const before = untilSays(follower, /before/);
  producer.stdin?.write('before\n');
  await before;
  first.child.kill('SIGKILL');
  await once(first.child, 'close');
  producer.stdin?.end('after\n');
  await systemRuntime.sleep(2_000);
  const second = await up(new URL(first.url).port);
  expect(await produced).toMatchObject({ code: 0, err: '' });
  expect(await followed).toEqual({ code: 0, out: 'before\nafter\n', err: '' });
  second.child.kill('SIGTERM');
  await once(second.child, 'close');
  rmSync(directory, { recursive: true });
});
