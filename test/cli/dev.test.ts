/** `stratalog dev` as a process: what it says, how it ends, what it keeps. */

import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { ended, runCli, start, untilSays } from './process.ts';

it('says where it is and what to try, drains on SIGTERM and ends with 0', async () => {
  const child = start(['dev', '--in-memory', '--http-port', '0', '--kafka-port', '9999']);
  const result = ended(child);
  const banner = await untilSays(child, /Ctrl-C/);
  const url = /HTTP +(http:\S+)/.exec(banner)?.[1];
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

it('takes its port from the environment, and refuses one that is none', async () => {
  const result = await runCli(['dev', '--http-port', '99999']);
  expect(result.code).toBe(2);
  expect(result.err).toMatch(/whole number from 0 to 65535/);
});
