/** `top` in a window: drawn in place, fitting it, and leaving it as it was. */
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAdmin } from '../../../lib/client/admin.ts';
import { type LocalStack, startLocal } from '../../../lib/local/start.ts';
import { start, untilSays } from '../../cli/process.ts';
import { openTerminal, type Terminal } from './terminal.ts';

let stack: LocalStack;
let terminal: Terminal;
beforeAll(async () => {
  stack = await startLocal({ httpPort: 0 });
  terminal = await openTerminal(stack.url);
  const admin = createAdmin({ endpoint: stack.url });
  await admin.createTopic({ name: 'orders', partitions: 3 });
  for (let i = 0; i < 30; i += 1) {
    const name = `other-${String(i).padStart(2, '0')}`;
    await admin.createTopic({ name, partitions: 1 });
  }
});
afterAll(async () => {
  await terminal.close();
  await stack.close();
});

const produce = async (values: readonly string[]) => {
  const response = await fetch(`${stack.url}/topics/orders/records`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ records: values.map((value) => ({ value })) }),
  });
  expect(response.status).toBe(200);
};

it('redraws in place, fits the window, sorts by a key, and quits with q', async () => {
  await terminal.enter('echo before; stratalog top --interval 0.5');
  await terminal.shows(/^stratalog top[\s\S]*^orders +3 +0 +0 B\/s +0 +0 B$/m);
  await produce(['a', 'b', 'c']);
  const first = await terminal.shows(/^orders +3 +\d+ +[\d.]+ k?B\/s +3 +\d+ B$/m);
  expect(first).not.toContain('before');
  expect(first.match(/stratalog top/g)).toHaveLength(1);
  expect(first).toMatch(/^\d+ more topics {3}q quits/m);
  expect(first.split('\n')).toHaveLength(24);
  await produce(['d']);
  const second = await terminal.shows(/^orders +3 .* 4 +\d+ B$/m);
  expect(second.match(/stratalog top/g)).toHaveLength(1);

  await terminal.press('n');
  await terminal.shows(/^stratalog top .* by name$/m);

  await terminal.resize(40, 10);
  const small = await terminal.shows(/^TOPIC +PART +RECORDS\/S$/m);
  expect(small.split('\n')).toHaveLength(10);
  expect(small).toMatch(/^stratalog top/);
  await terminal.resize(80, 24);
  await terminal.shows(/SIZE$/m);

  await terminal.press('q');
  await terminal.shows(/before\nready>/);
  await terminal.enter('echo "code $?"');
  await terminal.shows(/^code 0$/m);
});

it('quits with Ctrl-C, and styles nothing where NO_COLOR says so', async () => {
  await terminal.enter('NO_COLOR=1 stratalog top --interval 0.5');
  await terminal.shows(/^stratalog top[\s\S]*q quits/m);
  const styled = await terminal.window(true);
  expect(styled.join('')).not.toContain('\x1b[2m');
  await terminal.press('C-c');
  await terminal.shows(/ready>/);
  await terminal.enter('stratalog top');
  await terminal.shows(/^stratalog top[\s\S]*q quits/m);
  expect((await terminal.window(true)).join('')).toContain('\x1b[2m');
  await terminal.press('C-c');
  await terminal.shows(/ready>/);
  await terminal.enter('echo "code $?"');
  await terminal.shows(/^code 0$/m);
});

it('goes on when the service is away for a while', async () => {
  const first = await service('0');
  await createAdmin({ endpoint: first.url }).createTopic({ name: 'alone', partitions: 1 });
  await terminal.enter(`stratalog top --interval 0.5 --endpoint ${first.url}`);
  await terminal.shows(/^alone/m);
  await first.stop();
  await terminal.shows(/^Nothing answers at/m);
  const second = await service(new URL(first.url).port);
  await terminal.shows(/^0 topics[\s\S]*asked for every/m);
  await terminal.press('q');
  await terminal.shows(/ready>/);
  await second.stop();
});

/** A service in a process of its own. */
const service = async (port: string) => {
  const child = start(['dev', '--in-memory', '--http-port', port, '--json']);
  const url: string = JSON.parse(await untilSays(child, /\n/)).url;
  return {
    url,
    stop: async () => {
      const end = once(child, 'close');
      child.kill('SIGTERM');
      await end;
    },
  };
};
