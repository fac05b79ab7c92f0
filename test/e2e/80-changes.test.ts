/** The stack deployed again: unchanged, and with other code while producers and a reader are at work. */
import { appendFile, cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { expect, it } from 'vitest';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { cdk, ROOT } from './cdk.ts';
import { deployed } from './deployed.ts';
import { currentStage } from './stage.ts';

const { stack } = currentStage();
const { as, newTopic, outputs } = await deployed();

const deploy = (...args: readonly string[]): Promise<string> =>
  cdk('deploy', stack, '-c', `stackName=${stack}`, ...args);

const PRODUCERS = 3;
const FUNCTIONS = ['Topics', 'Produce', 'Fetch', 'Commit'];

/** What identifies the code of each function. */
const codes = (): Promise<readonly (string | undefined)[]> => {
  const lambda = new LambdaClient({});
  return Promise.all(
    FUNCTIONS.map(async (name) => {
      const FunctionName = outputs[`Log${name}Function`];
      const { CodeSha256 } = await lambda.send(
        new GetFunctionConfigurationCommand({ FunctionName }),
      );
      return CodeSha256;
    }),
  );
};

/** The bundles with a line more, which makes other code of each. */
const otherBundles = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'stratalog-bundles-'));
  await cp(join(ROOT, 'dist/functions'), directory, { recursive: true });
  for (const name of await readdir(directory)) {
    await appendFile(join(directory, name, 'index.mjs'), `\n// ${systemRuntime.uuid()}\n`);
  }
  return directory;
};

it('a second deployment changes nothing', async () => {
  expect(await deploy()).toContain('(no changes)');
});

it('a deployment of other code loses nothing, and nobody sees an error', async () => {
  const before = await codes();
  const topic = await newTopic(2);
  const leaving = new AbortController();

  const sent: string[] = [];
  const produce = async (id: number): Promise<void> => {
    await using producer = as().producer();
    for (let i = 0; !leaving.signal.aborted; i++) {
      const value = `${id}:${i}`;
      await producer.send({ topic, messages: [{ key: String(id), value }] });
      sent.push(value);
    }
  };
  const found: string[] = [];
  const read = async (): Promise<void> => {
    const { signal } = leaving;
    for await (const { value } of as().reader({ topic, from: 'beginning', signal })) {
      found.push(value ?? '');
    }
  };
  const producing = Promise.all(Array.from({ length: PRODUCERS }, (_, id) => produce(id)));
  const reading = read();

  const bundles = await otherBundles();
  try {
    await systemRuntime.sleep(500);
    const sentBefore = sent.length;
    await Promise.race([
      deploy('-c', `stratalog:bundles=${bundles}`),
      // Neither ends by itself, so whatever ends first is a failure.
      producing.then(() => Promise.reject(new Error('the producers are through'))),
      reading.then(() => Promise.reject(new Error('the reader is through'))),
    ]);
    const sentMeanwhile = sent.length - sentBefore;
    expect(sentMeanwhile).toBeGreaterThan(10);
    await systemRuntime.sleep(500);
  } finally {
    leaving.abort();
    await rm(bundles, { recursive: true });
  }
  await Promise.all([producing, reading]);
  for (const [index, code] of (await codes()).entries()) expect(code).not.toBe(before[index]);

  // The reader was stopped with the rest; what is there now is what must be there.
  const kept: string[] = [];
  for await (const { value } of as().reader({ topic, until: 'end' })) kept.push(value ?? '');
  expect(kept.toSorted()).toEqual(sent.toSorted());
  for (const values of [kept, found]) {
    for (let id = 0; id < PRODUCERS; id++) {
      const mine = values.filter((value) => value.startsWith(`${id}:`));
      expect(mine).toEqual(mine.map((_, i) => `${id}:${i}`));
    }
  }
  expect(found.length).toBeGreaterThan(sent.length / 2);
});
