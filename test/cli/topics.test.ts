/** What the CLI tells and changes of topics: alter, describe, configs, offsets, records, cluster, top, completions. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAdmin } from '../../lib/client/admin.ts';
import { createProducer } from '../../lib/client/producer/producer.ts';
import { type LocalStack, startLocal } from '../../lib/local/start.ts';
import { ended, runCli, start, untilSays } from './process.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await startLocal({ httpPort: 0 });
});
afterAll(() => stack.close());

const cli = (args: string, input = '') => runCli(args.split(' '), stack.url, input);
const admin = () => createAdmin({ endpoint: stack.url });

/** A topic whose partition 0 has these values, a second apart from `startMs` on. */
const topicWith = async (name: string, values: readonly string[], startMs = 1_700_000_000_000) => {
  await admin().createTopic({ name, partitions: 2 });
  await using producer = createProducer({ endpoint: stack.url });
  const messages = values.map((value, i) => ({ value, timestamp: startMs + i * 1000 }));
  if (messages.length > 0) await producer.send({ topic: name, partition: 0, messages });
};

describe('topics alter', () => {
  it('changes configs and adds partitions, and tells before and after', async () => {
    await topicWith('alter', []);
    const altered = await cli('topics alter alter --config max.message.bytes=70000 --partitions 5');
    expect(altered).toMatchObject({ code: 0, err: '' });
    expect(altered.out).toMatch(/^Altered topic alter\.\n/);
    expect(altered.out).toMatch(/max\.message\.bytes +1048588 +70000\n/);
    expect(altered.out).toMatch(/partitions +2 +5\n/);
    const reset = await cli('topics alter alter --reset max.message.bytes');
    expect(reset.out).toMatch(/max\.message\.bytes +70000 +1048588 \(default\)\n/);
    expect((await cli('topics alter alter --reset max.message.bytes')).out).toMatch(/as it was/);
    const json = JSON.parse((await cli('topics alter alter --partitions 6 --json')).out);
    expect(json.partitions).toHaveLength(6);
  });

  it('sends nothing that contradicts itself, or asks for nothing', async () => {
    let requests = 0;
    const server = createServer((request, response) => {
      requests += 1;
      expect(request.method).toBe('GET');
      const partitions = [0, 1, 2].map((partition) => ({ partition }));
      response.end(JSON.stringify({ name: 't', configs: [], partitions }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    for (const [args, message, asked] of [
      ['', /Nothing is to be altered/, 0],
      ['--config a=1 --reset a', /a is to be both set and reset/, 0],
      ['--config a=1 --config a=2', /a is there twice/, 0],
      ['--partitions 3 --config a=1', /has 3 partitions; .* that must be more/, 1],
    ] as const) {
      requests = 0;
      const words = `topics alter t ${args}`.trim().split(' ');
      const { code, out, err } = await runCli(words, `http://127.0.0.1:${port}`);
      expect(err).toMatch(message);
      expect({ args, code, out, requests }).toEqual({ args, code: 2, out: '', requests: asked });
    }
    server.close();
  });

  it('tells what was altered when the second half fails', async () => {
    await topicWith('half', []);
    const server = createServer(async (request, response) => {
      if (request.url?.endsWith('/partitions')) return void response.writeHead(500).end('no');
      const body = await new Response(request as unknown as ReadableStream).text();
      const headers = { 'content-type': 'application/json' };
      const method = request.method ?? 'GET';
      const passed = method === 'GET' ? { method } : { method, headers, body };
      const answer = await fetch(`${stack.url}${request.url}`, passed);
      response.writeHead(answer.status).end(await answer.text());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const args = 'topics alter half --partitions 3 --config max.message.bytes=70000'.split(' ');
    const { code, err } = await runCli(args, `http://127.0.0.1:${port}`);
    server.close();
    expect(code).toBe(1);
    expect(err).toMatch(/The configs were altered, partitions not: .*500.* not known whether/);
    expect((await cli('configs get half max.message.bytes')).out).toBe('70000\n');
  });
});

it('describes a topic with totals, and its configs with their sources', async () => {
  await topicWith('described', ['a', 'b', 'c']);
  const { out } = await cli('topics describe described');
  expect(out).toMatch(/^Topic described\n {2}id +[0-9a-f-]{36}\n {2}created +2\d{3}-/);
  expect(out).toMatch(/holds +3 records, \d+ B\n/);
  expect(out).toMatch(/\n +0 +0 +3 +3 +\d+\n +1 +0 +0 +0 +0\ntotal +3 +\d+\n/);
  expect(out).toMatch(/message\.timestamp\.type +CreateTime +default/);
});

describe('configs', () => {
  it('lists with meaning, legal values and defaults, gets, sets and resets', async () => {
    await topicWith('configs', []);
    const set = await cli('configs set configs max.message.bytes=80000');
    expect(set).toEqual({ code: 0, out: 'max.message.bytes = 80000\n', err: '' });
    const listed = (await cli('configs configs')).out;
    expect(listed).toMatch(
      /^max\.message\.bytes = 80000 {2}\(set on the topic; default 1048588\)\n {4}The largest .*\n {4}Takes a whole number/,
    );
    expect(JSON.parse((await cli('configs list configs --json')).out)[0]).toHaveProperty('legal');
    expect((await cli('configs get configs max.message.bytes')).out).toBe('80000\n');
    expect((await cli('configs reset configs max.message.bytes')).out).toMatch(/= 1048588\n/);
    expect(await cli('configs get configs nope')).toMatchObject({ code: 2, out: '' });
    const refused = await cli('configs set configs max.message.bytes=many');
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err).toMatch(/max\.message\.bytes is "many"; it takes/);
  });
});

describe('offsets', () => {
  it('tells them by end, by time and by latest timestamp', async () => {
    await topicWith('offsets', ['a', 'b', 'c']);
    const offsetsOf = async (at: string) => {
      const { out } = await runCli(['offsets', 'offsets', '--at', at, '--json'], stack.url);
      return JSON.parse(out).partitions.map(({ offset }: { offset: number }) => offset);
    };
    expect((await cli('offsets offsets')).out).toBe(
      'PARTITION  OFFSET\n        0       3\n        1       0\n',
    );
    expect(await offsetsOf('earliest')).toEqual([0, 0]);
    expect(await offsetsOf('max-timestamp')).toEqual([2, -1]);
    expect(await offsetsOf('1700000001000')).toEqual([1, -1]);
    expect(await offsetsOf('2023-11-14T22:13:21Z')).toEqual([1, -1]);
    expect(await offsetsOf('-1h')).toEqual([-1, -1]);
    const text = await runCli(
      ['offsets', 'offsets', '--at', 'max-timestamp', '--partition', '0'],
      stack.url,
    );
    expect(text.out).toMatch(/\n +0 +2 {2}2023-11-14 22:13:22\.000Z\n$/);
    const refused = await runCli(['offsets', 'offsets', '--at', '2023-11-14T22:13'], stack.url);
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err).toMatch(/It has no time zone/);
    expect((await cli('offsets offsets --partition 7')).code).toBe(3);
  });
});

describe('records delete', () => {
  it('deletes what lies before an offset, and tells what went', async () => {
    await topicWith('deleted', ['a', 'b', 'c', 'd']);
    const some = await cli('records delete deleted --partition 0 --before 3 --yes');
    expect(some).toMatchObject({ code: 0, err: '' });
    expect(some.out).toMatch(/^Deleted 3 records of partition 0 of deleted\.\n/);
    expect((await cli('consume deleted')).out).toBe('d\n');
    const rest = await cli('records delete deleted --before latest --yes --json');
    expect(JSON.parse(rest.out)).toEqual({
      topic: 'deleted',
      deletedRecords: 1,
      partitions: [
        { partition: 0, logStartOffset: 4, deletedRecords: 1 },
        { partition: 1, logStartOffset: 0, deletedRecords: 0 },
      ],
    });
  });

  it.each([
    ['--before 1 --partition 0', 2, /This deletes 1 record of partition 0 .* give --yes/],
    ['--before 1 --yes', 2, /has 2: say which with --partition/],
    ['--before 9 --partition 0 --yes', 3, /has no offset 9 yet; it ends at 2/],
    ['--before soon --yes', 2, /It must be an offset/],
    ['--yes', 2, /required option '--before/],
    ['--before latest --partition 5 --yes', 3, /no partition 5; it has 2/],
  ] as const)('with %s ends with %i and deletes nothing', async (args, code, message) => {
    if (args.startsWith('--before 1 --p')) await topicWith('safe', ['a', 'b']);
    const result = await cli(`records delete safe ${args}`);
    expect(result.err).toMatch(message);
    expect(result).toMatchObject({ code, out: '' });
    expect((await admin().describeTopic('safe')).partitions[0]?.logStartOffset).toBe(0);
  });
});

it('tells which service it is', async () => {
  const { clusterId } = JSON.parse((await cli('cluster --json')).out);
  expect((await cli('cluster')).out).toContain(`cluster id             ${clusterId}\n`);
});

describe('top', () => {
  it('prints a table once, or a line of JSON an interval', async () => {
    await topicWith('busy', ['a', 'b']);
    const table = await cli('top --once --interval 0.5 busy');
    expect(table.out).toMatch(/^TOPIC .* SIZE\nbusy +2 +0 +0 B\/s +2 +\d+ B\n$/);
    const child = start(['top', '--json', '--interval', '0.5'], stack.url);
    const result = ended(child);
    await untilSays(child, /\n.*\n/);
    child.kill('SIGINT');
    const { code, out, err } = await result;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const line of out.trimEnd().split('\n')) {
      const { topics } = JSON.parse(line);
      expect(topics.find(({ topic }: { topic: string }) => topic === 'busy')).toMatchObject({
        partitions: 2,
        recordsPerSecond: 0,
        endOffsets: 2,
      });
    }
  });

  it('needs a terminal, or to be told how, and topics that there are', async () => {
    const refused = await cli('top');
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err).toMatch(/--once .* or --json/);
    expect(await cli('top --once nope')).toMatchObject({ code: 3, out: '' });
    expect(await cli('top --once --interval 0')).toMatchObject({ code: 2, out: '' });
  });
});

describe('completions', () => {
  const completed = async (words: readonly string[], endpoint = stack.url) =>
    (await runCli(['complete', '--', ...words], endpoint)).out
      .split('\n')
      .slice(0, -2)
      .map((line) => line.split('\t')[0]);

  it('know commands, options, their values and topics', async () => {
    await topicWith('tab-one', []);
    await topicWith('tab-two', []);
    expect(await completed(['topics', 'de'])).toEqual(['describe', 'delete']);
    expect(await completed(['produce', '--comp'])).toEqual(['--compression']);
    expect(await completed(['produce', '--compression', 'z'])).toEqual(['zstd']);
    expect(await completed(['consume', 'tab-'])).toEqual(['tab-one', 'tab-two']);
    expect(await completed(['records', 'delete', 'tab-o'])).toEqual(['tab-one']);
    expect(await completed(['configs', 'tab-t'])).toEqual(['tab-two']);
    expect(await completed(['top', 'tab-one', 'tab-t'])).toEqual(['tab-two']);
    expect(await completed(['consume', '--endpoint', stack.url, 'tab-t'], 'nowhere')).toEqual([
      'tab-two',
    ]);
  });

  it('are silent and quick when the service does not answer', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    for (const endpoint of [`http://127.0.0.1:${port}`, 'http://127.0.0.1:1', 'no url']) {
      const result = await runCli(['complete', '--', 'consume', ''], endpoint);
      expect(result).toEqual({ code: 0, out: ':4\n', err: '' });
    }
    silent.closeAllConnections();
    silent.close();
  });

  it.each(['bash', 'zsh', 'fish'])('print a script for %s', async (shell) => {
    const { code, out } = await cli(`completions ${shell}`);
    expect(code).toBe(0);
    expect(out).toContain('stratalog complete --');
  });
});
