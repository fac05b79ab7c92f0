/** topics, produce and consume as processes, against a service in this one. */
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../lib/cli/program.ts';
import { type LocalStack, startLocal } from '../../lib/local/start.ts';
import { partitionForKey } from '../../lib/record/partitioner.ts';
import { ended, runCli, start, untilSays } from './process.ts';

/** Asked by scripts only. */
const UNEXPLAINED: readonly string[] = ['complete'];

let stack: LocalStack;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'stratalog-cli-'));
  stack = await startLocal({ httpPort: 0 });
});
afterAll(async () => {
  await stack.close();
  rmSync(directory, { recursive: true });
});

const cli = (args: string, input?: string | Uint8Array) =>
  runCli(args.split(' '), stack.url, input);
const fileOf = (name: string, text: string): string => {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
};

describe('topics', () => {
  it('creates, lists, describes and deletes', async () => {
    expect(
      await cli('topics create orders --partitions 3 --config max.message.bytes=70000'),
    ).toEqual({
      code: 0,
      out: 'Created topic orders with 3 partitions.\n',
      err: '',
    });
    expect((await cli('topics list')).out).toMatch(/^TOPIC +PARTITIONS +ID\norders +3 /);
    const described = await cli('topics describe orders');
    expect(described.out).toMatch(/max\.message\.bytes +70000 +topic/);
    const asJson = JSON.parse((await cli('topics describe orders --json')).out);
    expect(asJson).toMatchObject({ name: 'orders', partitions: [{ logEndOffset: 0 }, {}, {}] });
    expect((await cli('topics delete orders')).out).toBe('Deleted topic orders.\n');
    expect(JSON.parse((await cli('topics list --json')).out)).toEqual([]);
  });

  it.each([
    ['topics describe nope', 3, /nope/],
    ['topics create a/b', 2, /a\/b/],
    ['topics create a --partitions none', 2, /whole number from 1 to 10000/],
    ['topics create a --config x', 2, /name=value/],
    ['topics create a --config no.such=1', 2, /no\.such/],
    ['topics create', 2, /missing required argument/],
    ['topics', 2, /Usage/],
    ['nonsense', 2, /^stratalog: unknown command/],
    ['configs set a b', 2, /^stratalog: 'b' is invalid for argument 'name=value'/],
    ['consume nope --offset soon', 2, /earliest/],
    ['consume nope', 3, /nope/],
    ['produce nope', 3, /nope/],
    ['topics list --endpoint not-a-url', 2, /is not a URL/],
    ['topics list --endpoint http://127.0.0.1:64999', 6, /stratalog dev/],
  ])('%s ends with %i', async (args, code, message) => {
    const result = await cli(args);
    expect(result.err).toMatch(message);
    expect(result).toMatchObject({ code, out: '' });
  });

  it('doubts only what may have changed something', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(500).end('out of order');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const errOf = async (args: string) =>
      (await runCli(args.split(' '), `http://127.0.0.1:${port}`)).err;
    const sentence = 'stratalog: The service answered 500: out of order.';
    const doubt = ' It is not known whether it took effect.';
    expect(await errOf('topics create t')).toBe(`${sentence}${doubt}\n`);
    expect(await errOf('topics list')).toBe(`${sentence}\n`);
    expect(await errOf('produce t')).toBe(`${sentence}\n`);
    for (const [args, effect] of [
      ['topics create t --json', 'unknown'],
      ['topics delete t --json', 'unknown'],
      ['topics list --json', 'none'],
      ['produce t --json', 'none'],
      ['topics alter t --partitions 3 --json', 'none'],
    ] as const) {
      expect([args, JSON.parse(await errOf(args)).effect]).toEqual([args, effect]);
    }
    server.close();
  });

  it('tells errors as JSON where JSON is asked for', async () => {
    const { code, err } = await cli('topics describe nope --json');
    expect(code).toBe(3);
    expect(JSON.parse(err)).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION', effect: 'none' });
  });

  it('tells wrong usage as JSON where JSON is asked for', async () => {
    for (const [args, message] of [
      ['topics describe --json', /missing required argument 'topic'/],
      ['topics list --json --colour', /unknown option '--colour'/],
      ['topics --json', /unknown option|command is missing/],
    ] as const) {
      const { code, out, err } = await cli(args);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(JSON.parse(err)).toMatchObject({
        code: 'INVALID_REQUEST',
        message: expect.stringMatching(message),
        effect: 'none',
      });
    }
  });

  it('explains every command with examples', async () => {
    const helpOf = (command: Command): readonly (readonly [string, string])[] => {
      let text = '';
      command.configureOutput({
        writeOut: (piece) => {
          text += piece;
        },
      });
      command.outputHelp();
      const children = command.commands.filter((child) => !UNEXPLAINED.includes(child.name()));
      return [[command.name(), text], ...children.flatMap(helpOf)];
    };
    const texts = helpOf(createProgram());
    expect(texts.length).toBeGreaterThan(18);
    for (const [name, text] of texts) {
      expect([name, text]).toEqual([
        name,
        expect.stringMatching(/Examples?:\n {2}\$ stratalog|\n {2}\$ .*stratalog/),
      ]);
    }
    const { code, out } = await cli('consume --help');
    expect(code).toBe(0);
    expect(out).toContain('the last ten of each');
    expect((await cli('produce --help')).out).toContain('A line ends with \\n, which');
  });
});

describe('produce and consume', () => {
  it('brings lines in and out again, keys by their partition and in order', async () => {
    await cli('topics create lines --partitions 3');
    const text = Array.from({ length: 3_000 }, (_, i) => `k${i % 7}:value ${i}`).join('\n');
    const written = await cli(
      `produce lines --file ${fileOf('lines.txt', text)} --key-separator :`,
    );
    expect(written).toMatchObject({ code: 0, err: '' });
    expect(written.out).toMatch(/^3,000 records written to \d partitions of lines in /);
    const read = await runCli(['consume', 'lines', '--format', '%p %k %s\\n'], stack.url);
    const lines = read.out.trimEnd().split('\n');
    expect(lines).toHaveLength(3_000);
    for (let k = 0; k < 7; k += 1) {
      const own = lines.filter((line) => line.split(' ')[1] === `k${k}`);
      const partition = partitionForKey(Buffer.from(`k${k}`), 3);
      const expected = Array.from({ length: 3_000 }, (_, i) => i).filter((i) => i % 7 === k);
      expect(own).toEqual(expected.map((i) => `${partition} k${k} value ${i}`));
    }
  });

  it('takes bytes as they are, empty lines and a last line without an end', async () => {
    await cli('topics create bytes');
    const input = Buffer.from('61ff0a0a0d62', 'hex');
    const { out } = await cli('produce bytes --json', input);
    expect(JSON.parse(out)).toMatchObject({
      records: 3,
      failedRecords: 0,
      bytesRead: 6,
      partitions: [{ partition: 0, records: 3, firstOffset: 0, lastOffset: 2 }],
    });
    const read = await cli('consume bytes --json');
    expect(
      read.out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).value),
    ).toEqual([{ base64: 'Yf8=' }, '', '\rb']);
  });

  it('sends what a slow input has said so far', async () => {
    await cli('topics create slow');
    const producer = start(['produce', 'slow'], stack.url);
    producer.stdin?.write('first\n');
    const follower = start(
      ['consume', 'slow', '--follow', '--from-beginning', '--max', '2'],
      stack.url,
    );
    const followed = ended(follower);
    await untilSays(follower, /first/);
    producer.stdin?.end('second\n');
    expect((await ended(producer)).code).toBe(0);
    expect(await followed).toMatchObject({ code: 0, out: 'first\nsecond\n' });
  });

  it('tells by number which lines were not written, and writes the others', async () => {
    await cli('topics create picky --config max.message.bytes=1000');
    const input = ['a:1', 'no key', 'b:2', `c:${'x'.repeat(2_000)}`, 'd:3'].join('\n');
    const { code, out, err } = await cli('produce picky --key-separator :', input);
    expect(code).toBe(5);
    expect(out).toMatch(/^3 records written/);
    expect(err).toMatch(/Line 2 was not written: there is no ":" in it/);
    expect(err).toMatch(/Line 4 was not written: it is longer than \d+ bytes/);
    expect(err).toMatch(/2 records \(lines 2 to 4\) were not written\.\n$/);
    expect((await runCli(['consume', 'picky', '--format', '%k'], stack.url)).out).toBe('abd');
  });

  it('tells apart what was not written and what nobody knows, and where reading stopped', async () => {
    let requests = 0;
    const server = createServer((request, response) => {
      if (request.method === 'GET') {
        const answer = { name: 't', configs: [], partitions: [{ partition: 0 }] };
        response.end(JSON.stringify(answer));
        return;
      }
      requests += 1;
      if (requests > 1) request.destroy();
      else response.end(JSON.stringify({ partitions: [{ partition: 0, baseOffsets: [0] }] }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const child = start(['produce', 't', '--no-idempotent'], `http://127.0.0.1:${port}`);
    const result = ended(child);
    child.stdin?.on('error', () => {});
    child.stdin?.write('one\n');
    await expect.poll(() => requests, { timeout: 20_000 }).toBe(1);
    child.stdin?.end('two\nthree\n');
    const { code, out, err } = await result;
    server.close();
    expect(code).toBe(6);
    expect(out).toMatch(/^1 record written to 1 partition of t in /);
    expect(err).toMatch(
      /\nstratalog: 2 records \(lines 2 to 3\) were written or not, nobody knows\. Reading stopped after line 3\.\n$/,
    );
  });

  it('tells what was written when it is interrupted', async () => {
    await cli('topics create interrupted');
    const child = start(['produce', 'interrupted'], stack.url);
    const result = ended(child);
    child.stdin?.write('one\ntwo\nhalf a li');
    await expect
      .poll(async () => (await cli('consume interrupted')).out, { timeout: 20_000 })
      .toBe('one\ntwo\n');
    child.kill('SIGINT');
    const { code, out, err } = await result;
    expect(code).toBe(130);
    expect(out).toMatch(/^2 records written to 1 partition of interrupted/);
    expect(err).toBe('stratalog: Interrupted; reading stopped after line 2.\n');
    expect((await cli('consume interrupted')).out).toBe('one\ntwo\n');
  });

  it('refuses a file that is not there, and a partition that is not there', async () => {
    await cli('topics create small');
    expect(await cli('produce small --file /no/such/file')).toMatchObject({ code: 2, out: '' });
    for (const option of ['--file', '--key-separator']) {
      const empty = await runCli(['produce', 'small', option, ''], stack.url, 'a\n');
      expect(empty).toMatchObject({ code: 2, out: '' });
      expect(empty.err).toMatch(/must not be empty/);
    }
    expect((await cli('produce small --partition 4', 'a\n')).code).toBe(3);
    expect((await cli('consume small --partition 4')).code).toBe(3);
  });

  it('starts and stops where it is told', async () => {
    await cli('topics create places --partitions 2');
    await cli('produce places --partition 1', '0\n1\n2\n3\n4\n');
    expect((await cli('consume places --offset 3 --partition 1')).out).toBe('3\n4\n');
    expect((await cli('consume places --offset -2')).out).toBe('3\n4\n');
    expect((await cli('consume places --offset latest')).out).toBe('');
    expect((await cli('consume places --max 2')).out).toBe('0\n1\n');
    const beyond = await cli('consume places --offset 77 --partition 1 --follow');
    expect(beyond).toMatchObject({ code: 3, out: '' });
    const early = await cli('consume places --offset 6 --partition 1');
    expect(early).toMatchObject({ code: 3, out: '' });
    expect(early.err).toMatch(/Partition 1 of places has no offset 6 yet; it ends at 5\.\n$/);
    expect(await cli('consume places --offset 5 --partition 1')).toMatchObject({
      code: 0,
      out: '',
    });
    expect((await cli('consume places --offset 9999999999999999')).code).toBe(2);
    expect((await cli('consume places --offset 3')).code).toBe(3);
    const formatted = await runCli(
      ['consume', 'places', '--max', '1', '--format', '%t/%p/%o %K %S [%k] %s %%\\t\\\\\\n'],
      stack.url,
    );
    expect(formatted.out).toBe('places/1/0 -1 1 [] 0 %\t\\\n');
    expect((await runCli(['consume', 'places', '--format', '%q'], stack.url)).code).toBe(2);
  });

  it('ends quietly when its reader has seen enough', async () => {
    await cli('topics create many');
    await cli('produce many', 'some line of a certain length\n'.repeat(60_000));
    const child = start(['consume', 'many'], stack.url);
    child.stdout?.once('data', () => child.stdout?.destroy());
    let err = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      err += chunk;
    });
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  it('says so when what it prints has no room, and tells elsewhere what was written', async () => {
    await cli('topics create unheard');
    const full = openSync('/dev/full', 'w');
    const sentence =
      'stratalog: Cannot write to standard output: no space left on device (ENOSPC).\n';
    for (const [command, more] of [
      ['produce', /^1 record written to 1 partition of unheard in .*\n$/],
      ['consume', /^$/],
    ] as const) {
      const child = start([command, 'unheard'], stack.url, {}, full);
      const result = ended(child);
      child.stdin?.end('one\n');
      const { code, err } = await result;
      expect(code).toBe(1);
      expect(err.slice(0, sentence.length)).toBe(sentence);
      expect(err.slice(sentence.length)).toMatch(more);
    }
    closeSync(full);
  });

  it('stops following when it is interrupted', async () => {
    await cli('topics create waiting');
    const child = start(['consume', 'waiting', '--follow', '--from-beginning'], stack.url);
    const result = ended(child);
    const consumed = untilSays(child, /one/);
    await cli('produce waiting', 'one\n');
    await consumed;
    child.kill('SIGINT');
    expect(await result).toEqual({ code: 0, out: 'one\n', err: '' });
  });
});
