/** A local service in memory for the tests of the SDK, and what they all do with it. */
import { afterAll, beforeAll } from 'vitest';
import { type Message, Stratalog, StratalogError } from '../../lib/index.ts';
import { type LocalStack, startLocal } from '../../lib/local/start.ts';
import { flakyFetch, isProduce, type Mishap, type Passing } from './flaky-fetch.ts';

/** Retries that do not keep a test waiting. */
export const QUICK = { firstPauseMs: 1, maxPauseMs: 5 };

export interface SdkService {
  readonly url: () => string;
  /** A client whose requests meet these mishaps. */
  over(mishapOf?: (passing: Passing) => Mishap | undefined): Stratalog;
  /** The name of a topic that nobody else uses. */
  newTopic(partitions?: number, configs?: Record<string, string>): Promise<string>;
  readAll(topic: string): Promise<readonly Message[]>;
  valuesOf(topic: string): Promise<readonly (string | null)[]>;
}

/** Runs while the tests of the file that calls this run. */
export const sdkService = (): SdkService => {
  let stack: LocalStack;
  let names = 0;
  beforeAll(async () => {
    stack = await startLocal({ httpPort: 0 });
  });
  afterAll(() => stack.close());

  const over: SdkService['over'] = (mishapOf = () => undefined) =>
    new Stratalog({ endpoint: stack.url, retry: QUICK, fetch: flakyFetch(mishapOf) });
  const readAll: SdkService['readAll'] = async (topic) => {
    const found: Message[] = [];
    for await (const message of over().reader({ topic, until: 'end' })) found.push(message);
    return found;
  };
  return {
    url: () => stack.url,
    over,
    newTopic: async (partitions = 1, configs = {}) => {
      const name = `t${names++}`;
      await over().admin().createTopic({ name, partitions, configs });
      return name;
    },
    readAll,
    valuesOf: async (topic) => (await readAll(topic)).map(({ value }) => value),
  };
};

/** The error of a call that must fail with one of ours. */
export const failureOf = async (promise: Promise<unknown>): Promise<StratalogError> => {
  const caught = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (caught instanceof StratalogError) return caught;
  throw new Error(`it did not fail as it should: ${String(caught)}`);
};

/** The first `count` produce requests meet this. */
export const first =
  (count: number, mishap: Mishap) =>
  (passing: Passing): Mishap | undefined =>
    isProduce(passing) && passing.count < count ? mishap : undefined;
