/**
 * The SDK as a browser's bundle: what goes into it, and that it works where there is nothing of Node.
 */
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { COMPRESSIONS } from '../../lib/record/layout.ts';
import { sdkService } from '../support/sdk-service.ts';

const ROOT = new URL('../..', import.meta.url).pathname;

/** Bundles a program that imports from the SDK, as for a browser. It fails for a Node module. */
const bundled = async (program: string) => {
  const { metafile, outputFiles } = await build({
    stdin: { contents: program, resolveDir: ROOT, loader: 'ts' },
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    format: 'iife',
    globalName: 'sdk',
    platform: 'browser',
    target: 'es2023',
    logLevel: 'silent',
  });
  const inputs = Object.entries(Object.values(metafile.outputs)[0]!.inputs)
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => path);
  return { code: outputFiles[0]!.text, inputs };
};

describe('what is in it', () => {
  it('is the SDK, and codecs that are loaded where they are needed', async () => {
    const { inputs } = await bundled(`export * from './lib/index.ts'`);
    const others = inputs.filter((path) => !/^lib\/(client|record|bytes|model|index)/.test(path));
    for (const path of others)
      expect(path).toMatch(/^<stdin>$|^\(disabled\):|node_modules\/(fflate|fzstd)\//);
  });

  it.each([
    ['createReader', /client\/(producer|admin\.ts|groups\.ts)/],
    ['createProducer', /client\/(reader|admin\.ts|groups\.ts)/],
    ['createAdmin', /client\/(producer|reader)|lib\/record/],
  ])('with %s alone is nothing of the others', async (name, others) => {
    const { inputs } = await bundled(`export { ${name} } from './lib/index.ts'`);
    expect(inputs.filter((path) => others.test(path))).toEqual([]);
  });
});

/** What a browser has of what the SDK uses, and nothing else. */
const browser = () =>
  createContext({
    fetch,
    URL,
    URLSearchParams,
    TextEncoder,
    TextDecoder,
    AbortController,
    crypto,
    performance,
    setTimeout,
    clearTimeout,
    setInterval,
    clearInterval,
    console,
  });

describe('where there is no Node', () => {
  const service = sdkService();

  it('writes what it can compress, reads everything, and says what it cannot', async () => {
    const topic = await service.newTopic();
    for (const compression of COMPRESSIONS) {
      await using producer = service.over().producer({ compression });
      await producer.send({ topic, messages: [{ value: `${compression} `.repeat(1_000) }] });
    }
    const { code } = await bundled(`
      import { Stratalog, json } from './lib/index.ts';
      export const run = async (endpoint, topic) => {
        const log = new Stratalog({ endpoint });
        const told = [];
        for (const compression of ${JSON.stringify(COMPRESSIONS)}) {
          const producer = log.producer({ compression });
          const messages = [{ key: 'ü', value: ('browser ' + compression).repeat(500), headers: { a: 'b' } }];
          told.push(await producer.send({ topic, messages }).then(() => 'written', (error) => error.code));
          await producer.close();
        }
        const read = [];
        for await (const { value } of log.reader({ topic, until: 'end' })) read.push(value.slice(0, 14));
        return JSON.stringify({ told, read });
      };`);
    const { run } = runInContext(`${code}; sdk`, browser());
    const { told, read } = JSON.parse(await run(service.url(), topic));
    const unsupported = 'UNSUPPORTED_COMPRESSION_TYPE';
    expect(told).toEqual(['written', 'written', unsupported, unsupported, unsupported]);
    expect(read).toEqual(
      [...COMPRESSIONS.map((name) => `${name} `.repeat(9)), 'browser none', 'browser gzip'].map(
        (text) => (text.startsWith('browser') ? text.repeat(2) : text).slice(0, 14),
      ),
    );
  });
});
