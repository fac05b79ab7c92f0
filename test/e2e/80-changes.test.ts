/** The stack deployed again: unchanged, and with other code while producers and a reader are at work. */
import { appendFile, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { expect, it } from 'vitest';
import { FUNCTION_NAMES } from '../../infra/names.ts';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { cdk, ROOT } from './cdk.ts';
import { deployed } from './deployed.ts';
import { currentStage } from './stage.ts';

const { stack } = currentStage();
const { as, newTopic, outputs } = await deployed();

const deploy = (...args: readonly string[]): Promise<string> =>
  cdk('deploy', '-c', `stackName=${stack}`, ...args);

const PRODUCERS = 3;
/** Tells the reader that nothing else comes. */
const LAST = 'last';
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
  for (const name of FUNCTION_NAMES) {
    await appendFile(join(directory, name, 'index.mjs'), `\n// ${systemRuntime.uuid()}\n`);
  }
  return directory;
};

it('a second deployment changes nothing', async () => {
  expect(await deploy()).toContain('(no changes)');
});

it('a deployment of other code loses nothing, and nobody sees an error', async () => {
  const before = await codes();
  const topic = await newTopic();
  const leaving = new AbortController();

  const sent: string[] = [];
  const produce = async (id: number): Promise<void> => {
    await using producer = as().producer();
    for (let i = 0; !leaving.signal.aborted; i++) {
      const value = `${id}:${i}`;
      await producer.send({ topic, messages: [{ value }] });
      sent.push(value);
    }
  };
  const found: (string | null)[] = [];
  const readOn = async (): Promise<void> => {
    for await (const { value } of as().reader({ topic, from: 'beginning' })) {
      if (value === LAST) return;
      found.push(value);
    }
  };
  const producing = Promise.all(Array.from({ length: PRODUCERS }, (_, id) => produce(id)));
  const reading = readOn();

  const bundles = await otherBundles();
  try {
    await systemRuntime.sleep(500);
    const sentBefore = sent.length;
    await Promise.race([
      deploy('--build', 'true', '-c', `stratalog:bundles=${bundles}`),
      // Neither ends by itself, so what ends first failed.
      Promise.race([producing, reading]).then(() => {
        throw new Error('the clients ended before the deployment did');
      }),
    ]);
    expect(sent.length - sentBefore).toBeGreaterThan(10);
    await systemRuntime.sleep(500);
  } finally {
    leaving.abort();
    await rm(bundles, { recursive: true });
  }
  await producing;
  await using producer = as().producer();
  await producer.send({ topic, messages: [{ value: LAST }] });
  await reading;

  for (const [index, code] of (await codes()).entries()) expect(code).not.toBe(before[index]);
  expect(found.toSorted()).toEqual(sent.toSorted());
  for (let id = 0; id < PRODUCERS; id++) {
    const mine = found.filter((value) => value?.startsWith(`${id}:`));
    expect(mine).toEqual(mine.map((_, i) => `${id}:${i}`));
  }
});
