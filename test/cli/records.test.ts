/** What records produce takes and consume prints: JSON, headers, codecs, encodings, times. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAdmin } from '../../lib/client/admin.ts';
import { type LocalStack, startLocal } from '../../lib/local/start.ts';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { type Service, startService } from '../support/local-service.ts';
import { ended, runCli, start } from './process.ts';

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
const topic = (name: string, partitions = 1, configs = {}) =>
  createAdmin({ endpoint: stack.url }).createTopic({ name, partitions, configs });
const linesOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('produce --input json', () => {
  it('takes records as the HTTP API has them', async () => {
    await topic('json', 3);
    const records = [
      { key: 'a', value: 'b', headers: { h: '1' }, timestamp: 1_700_000_000_000, partition: 2 },
      { value: { base64: '/w==' }, partition: 2 },
      { value: { json: { n: 1 } }, partition: 2 },
      { value: null, key: 'gone', partition: 2 },
    ];
    const input = `${records.map((record) => JSON.stringify(record)).join('\n\n')}\n`;
    const written = await cli('produce json --input json --headers from=cli', input);
    expect(written).toMatchObject({ code: 0, err: '' });
    const read = linesOf((await cli('consume json --json')).out);
    expect(read).toMatchObject([
      { key: 'a', value: 'b', headers: { h: '1', from: 'cli' }, timestamp: 1_700_000_000_000 },
      { key: null, value: { base64: '/w==' }, headers: { from: 'cli' } },
      { value: '{"n":1}' },
      { key: 'gone', value: null },
    ]);
    expect(read.map(({ partition, offset }) => [partition, offset])).toEqual([
      [2, 0],
      [2, 1],
      [2, 2],
      [2, 3],
    ]);
  });

  it('tells which lines are wrong and why, and writes the others', async () => {
    await topic('wrong', 2, { 'max.message.bytes': '2000' });
    const lines = [
      '{"value": "1"}',
      'nope',
      '{"value": 1}',
      '{"value": "x", "partition": 9}',
      '{"value": "x", "partition": 1}',
      '{"value": "x", "colour": "red"}',
      '{"value": "x", "timestamp": -5}',
      `{"value": "${'x'.repeat(3_000)}"}`,
      Buffer.from('7b2276616c7565223a22ff227d', 'hex').toString('latin1'),
      '{"value": "2"}',
    ];
    const { code, out, err } = await cli(
      'produce wrong --input json --partition 0',
      Buffer.from(lines.join('\n'), 'latin1'),
    );
    expect(code).toBe(5);
    expect(out).toMatch(/^2 records written to 1 partition of wrong/);
    expect(err.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^stratalog: Line 2 was not written: the line is not JSON: /),
      expect.stringMatching(/Line 3 was not written: value must be a string.*; it is 1\.$/),
      expect.stringMatching(/Line 4 .* it names partition 9, and --partition 0 asks for another/),
      expect.stringMatching(/Line 5 .* it names partition 1, and --partition 0 asks for another/),
      expect.stringMatching(/Line 6 .*"?colour/),
      expect.stringMatching(/Line 7 .*timestamp must be/),
      expect.stringMatching(/Line 8 .* longer than \d+ bytes/),
      expect.stringMatching(/Line 9 .* it is not UTF-8/),
      'stratalog: 8 records (lines 2 to 9) were not written.',
    ]);
    expect((await cli('consume wrong')).out).toBe('1\n2\n');
    const many = await cli('produce wrong --input json', '{"value": "x", "partition": 2}');
    expect(many.err).toMatch(/names partition 2; the topic has 2, from 0/);
  });

  it('tells apart the lines of one batch that the service refuses, and writes the others', async () => {
    await topic('future');
    const lines = ['1', '2', '3'].map((value) => ({
      value,
      ...(value === '2' ? { timestamp: 9_000_000_000_000 } : {}),
    }));
    const input = lines.map((line) => JSON.stringify(line)).join('\n');
    const { code, err } = await cli('produce future --input json', input);
    expect(code).toBe(5);
    expect(err).toMatch(/^stratalog: Line 2 was not written: .*timestamp/);
    expect((await cli('consume future')).out).toBe('1\n3\n');
  });

  it('takes what consume --json prints', async () => {
    await topic('original');
    await topic('copy');
    await cli(
      'produce original --key-separator : --headers a=1 --headers a=2',
      'k:{"n": 1}\nk:text\n',
    );
    for (const flags of ['', ' --key base64']) {
      const printed = (await cli(`consume original --json${flags}`)).out;
      expect((await cli('produce copy --input json', printed)).code).toBe(0);
    }
    const shapeOf = ({ key, value, headers, timestamp }: Record<string, unknown>) => ({
      key,
      value,
      headers,
      timestamp,
    });
    const original = linesOf((await cli('consume original --json')).out).map(shapeOf);
    const copied = linesOf((await cli('consume copy --json')).out).map(shapeOf);
    expect(copied).toEqual([...original, ...original]);
  });
});

describe('produce', () => {
  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('compresses by %s', async (codec) => {
    await topic(codec);
    const input = `${'the same line\n'.repeat(2_000)}`;
    expect((await cli(`produce ${codec} --compression ${codec}`, input)).code).toBe(0);
    expect((await cli(`consume ${codec}`)).out).toBe(input);
    const { partitions } = await createAdmin({ endpoint: stack.url }).describeTopic(codec);
    const isSmall = partitions[0]!.sizeBytes < input.length / 2;
    expect(isSmall).toBe(codec !== 'none');
  });

  it('writes all or nothing at an expected end', async () => {
    await topic('event');
    const args = 'produce event --expected-end';
    expect((await cli(`${args} 0`, 'a\nb\n')).code).toBe(0);
    const late = await cli(`${args} 0`, 'c\nd\n');
    expect(late.code).toBe(4);
    expect(late.err).toMatch(/2 lines \(1 to 2\) were not written: Partition 0 ends at 2/);
    const wrong = await cli(`${args} 2 --key-separator :`, 'k:v\nno key\n');
    expect(wrong.code).toBe(5);
    expect(wrong.err).toMatch(
      /Line 2 was not written.*\n.*2 records \(lines 1 to 2\) were not written/,
    );
    expect((await cli('consume event')).out).toBe('a\nb\n');
    expect((await cli(`${args} 2`, 'c\n')).code).toBe(0);
    await topic('events', 2);
    const many = await cli('produce events --expected-end 0', 'a\n');
    expect(many).toMatchObject({ code: 2, out: '' });
    expect(many.err).toMatch(/about one partition, and events has 2: choose it with --partition/);
    expect((await cli('produce events --expected-end 0 --partition 1', 'a\n')).code).toBe(0);
  });

  it('makes batches as small as asked', async () => {
    await topic('batches');
    const input = 'x'.repeat(99).concat('\n').repeat(500);
    expect((await cli('produce batches --batch-bytes 2000', input)).code).toBe(0);
    const sizes = await createAdmin({ endpoint: stack.url }).describeTopic('batches');
    // 61 bytes of header for each batch of at most 2,000, and a few for each record.
    expect(sizes.partitions[0]!.sizeBytes).toBeGreaterThan(500 * 100 + 25 * 61);
  });

  it.each([
    ['--compression brotli', /Allowed choices are none, gzip, snappy, lz4, zstd/],
    ['--batch-bytes 5', /whole number from 1024 to/],
    ['--headers nope', /name=value/],
    ['--input json --key-separator :', /with --input json the key is/],
    ['--input xml', /Allowed choices are text, json/],
  ])('refuses %s', async (args, message) => {
    const result = await cli(`produce none ${args}`, 'a\n');
    expect(result).toMatchObject({ code: 2, out: '' });
    expect(result.err).toMatch(message);
  });

  it('tells what was written when its input cannot be read to the end', async () => {
    await topic('torn');
    // Its first page is never mapped: reading it fails once it is open.
    const { code, out, err } = await cli('produce torn --file /proc/self/mem');
    expect(code).toBe(2);
    expect(out).toMatch(/^0 records written/);
    expect(err).toBe('stratalog: Cannot read /proc/self/mem: EIO. Reading stopped after line 0.\n');
  });

  it('writes each line once though the service is killed and starts again meanwhile', async () => {
    const data = join(directory, 'killed');
    const first = startService(data, 'interval', systemRuntime);
    const url = await first.ready();
    await createAdmin({ endpoint: url }).createTopic({ name: 'k', partitions: 1 });
    const linesFrom = (first: number) =>
      Array.from({ length: 20_000 }, (_, i) => `line ${first + i}\n`).join('');
    const child = start(['produce', 'k'], url);
    const produced = ended(child);
    child.stdin?.write(linesFrom(0));
    await expect
      .poll(async () => (await runCli(['consume', 'k'], url)).out, { timeout: 20_000 })
      .toBe(linesFrom(0));
    child.stdin?.write(linesFrom(20_000));
    await first.kill();
    child.stdin?.end(linesFrom(40_000));
    const port = Number(new URL(url).port);
    const second: Service = startService(data, 'interval', systemRuntime, port);
    await second.ready();
    const { code, out } = await produced;
    expect(out).toMatch(/^60,000 records written/);
    expect(code).toBe(0);
    const all = linesFrom(0) + linesFrom(20_000) + linesFrom(40_000);
    expect((await runCli(['consume', 'k'], url)).out).toBe(all);
    await second.stop();
  });
});

describe('consume', () => {
  beforeAll(async () => {
    await topic('shown');
    const records = [
      {
        key: 'k',
        value: '{ "n": 12345678901234567890,\n "x": 1.0 }',
        timestamp: 1_700_000_000_000,
      },
      { key: null, value: '[1]', headers: { a: '1', b: null }, timestamp: 1_700_000_001_000 },
    ];
    const input = records.map((record) => JSON.stringify(record)).join('\n');
    expect((await cli('produce shown --input json', input)).code).toBe(0);
  });

  it.each([
    ['--value json', '{"n":12345678901234567890,"x":1.0}\n[1]\n'],
    ['--value hex --offset 1', '5b315d\n'],
    ['--value base64 --offset 1', 'WzFd\n'],
    ['--key text --value json', 'k\t{"n":12345678901234567890,"x":1.0}\n\t[1]\n'],
    ['--key json --offset 1', 'null\t[1]\n'],
    ['--headers --offset 1', 'a=1,b=\t[1]\n'],
    ['--value hex --format %s --offset 1', '5b315d'],
    ['--at 2023-11-14T22:13:21Z', '[1]\n'],
    ['--at 1700000000001', '[1]\n'],
    ['--at -5m', ''],
  ])('%s', async (args, out) => {
    expect(await cli(`consume shown ${args}`)).toEqual({ code: 0, out, err: '' });
  });

  it('shows what was asked for inside JSON', async () => {
    const { out } = await cli('consume shown --json --value json --key hex');
    expect(out).toContain('"key":{"hex":"6b"},"value":{"json":{"n":12345678901234567890,"x":1.0}}');
    expect(out).toContain('"key":null,"value":{"json":[1]},"headers":{"a":"1","b":null}');
  });

  it('follows from a time', async () => {
    const args = ['consume', 'shown', '--at', '2023-11-14T22:13:21Z', '--follow', '--max', '2'];
    const child = start(args, stack.url);
    const result = ended(child);
    await cli('produce shown', 'new\n');
    expect(await result).toEqual({ code: 0, out: '[1]\nnew\n', err: '' });
  });

  it.each([
    ['--key json', 5, /The key of the record at offset 0 .* is not JSON; --key text prints/],
    ['--at 5m', 2, /It must be a time such as/],
    ['--at now --offset 3', 2, /--at excludes --offset/],
    ['--headers --format %s', 2, /put %h into the format/],
    ['--json --format %s', 2, /exclude each other/],
    ['--value yaml', 2, /Allowed choices are text, json, hex, base64/],
  ])('refuses %s with %i', async (args, code, message) => {
    const result = await cli(`consume shown ${args}`);
    expect(result.err).toMatch(message);
    expect(result).toMatchObject({ code, out: '' });
  });
});
