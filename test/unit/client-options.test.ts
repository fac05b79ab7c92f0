/** Options that are there and undefined, as programs write them that pass on what they were given. */
import { expect, it } from 'vitest';
import { fullOptions as producerOptions } from '../../lib/client/producer/options.ts';
import { fullOptions as readerOptions } from '../../lib/client/reader/options.ts';
import { createProducer, createReader, Stratalog } from '../../lib/index.ts';

const endpoint = 'http://127.0.0.1:1';

/** Named and undefined, which programs may say that are compiled without exactOptionalPropertyTypes. */
const unsaid = (...names: string[]): object =>
  Object.fromEntries(names.map((name) => [name, undefined]));

it('are as if they were left out', () => {
  const producer = producerOptions({});
  expect(producerOptions(unsaid(...Object.keys(producer)))).toEqual(producer);
  const { topic, ...reader } = readerOptions({ topic: 't' });
  expect(readerOptions({ ...unsaid(...Object.keys(reader)), topic })).toEqual({ topic, ...reader });
});

it('are so of what everything shares, too', () => {
  const shared = unsaid('requestTimeoutMs', 'headers', 'fetch', 'runtime', 'retry');
  const retry = unsaid('maxAttempts', 'firstPauseMs', 'maxPauseMs');
  new Stratalog({ endpoint, ...shared });
  createProducer({ ...shared, endpoint, retry });
  createReader({ ...shared, endpoint, topic: 't', retry });
});
