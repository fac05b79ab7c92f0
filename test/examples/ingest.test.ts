import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Stratalog } from '../../lib/index.ts';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { untilSays } from '../cli/process.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { serviceForTests, startExample } from './program.ts';

const endpoint = serviceForTests();
const directory = scratchDirectory();

const PIECES = 10;
const LINES_PER_PIECE = 300;

/** A log file that grows, and what is in it. */
const growingFile = async (path: string) => {
  const lines: string[] = [];
  await writeFile(path, '');
  return {
    path,
    lines,
    /** Adds lines in a few writes with a pause between them, the last one cut in two. */
    grow: async (pauseMs: number): Promise<void> => {
      for (let piece = 0; piece < PIECES; piece += 1) {
        const first = lines.length;
        for (let at = 0; at < LINES_PER_PIECE; at += 1) lines.push(`${first + at} GET /ünïcode`);
        const text = `${lines.slice(first).join('\n')}\n`;
        await appendFile(path, text.slice(0, -5));
        await systemRuntime.sleep(pauseMs);
        await appendFile(path, text.slice(-5));
      }
    },
  };
};

const shipped = async (topic: string): Promise<readonly (string | null)[]> => {
  const log = new Stratalog({ endpoint: endpoint() });
  const lines: (string | null)[] = [];
  for await (const { value } of log.reader({ topic, until: 'end' })) lines.push(value);
  return lines;
};

const startIngest = async (file: string, topic: string): Promise<ChildProcess> => {
  const ingest = startExample(['ingest/main.ts', file, topic], endpoint());
  await untilSays(ingest, /from byte/);
  return ingest;
};

const kill = async (ingest: ChildProcess): Promise<void> => {
  ingest.kill('SIGKILL');
  await once(ingest, 'exit');
};

const untilShipped = (topic: string, lines: number) =>
  expect
    .poll(async () => (await shipped(topic)).length, { timeout: 10_000 })
    .toBeGreaterThanOrEqual(lines);

it('ships each line once, in order, although it is killed again and again', async () => {
  const { path, lines, grow } = await growingFile(join(directory, 'access.log'));
  for (const pauseMs of [0, 3, 9]) {
    const ingest = await startIngest(path, 'access');
    await grow(pauseMs);
    await kill(ingest);
  }
  const ingest = await startIngest(path, 'access');
  await untilShipped('access', lines.length);
  await kill(ingest);
  expect(await shipped('access')).toEqual(lines);
});

it('ships each line once when two processes are at it', async () => {
  const { path, lines, grow } = await growingFile(join(directory, 'shared.log'));
  const both = await Promise.all([startIngest(path, 'shared'), startIngest(path, 'shared')]);
  await grow(5);
  await untilShipped('shared', lines.length);
  await Promise.all(both.map(kill));
  expect(await shipped('shared')).toEqual(lines);
});

it('says what it cannot ship: a file that is not there, and to a topic of others', async () => {
  const missing = startExample(['ingest/main.ts', join(directory, 'none.log'), 'none'], endpoint());
  await untilSays(missing, /There is no file .*none\.log\.\n/);

  const log = new Stratalog({ endpoint: endpoint() });
  await log.admin().createTopic({ name: 'others', partitions: 1 });
  await using producer = log.producer();
  await producer.send({ topic: 'others', messages: [{ value: 'no position' }] });
  const { path } = await growingFile(join(directory, 'mine.log'));
  const refused = startExample(['ingest/main.ts', path, 'others'], endpoint());
  await untilSays(refused, /others has records of others/);
});
