/** The package as it is published, in Node 20: `STRATALOG_NODE_20` is the path of one, /usr/bin/node where it says nothing. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemRuntime } from '../../../lib/model/runtime.ts';
import { KEY, SECRET, startIamGateway } from '../../support/iam-gateway.ts';
import { sdkService } from '../../support/sdk-service.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const NODE_20 = process.env.STRATALOG_NODE_20 ?? '/usr/bin/node';

const service = sdkService();
let directory: string;

beforeAll(() => {
  expect(execFileSync(NODE_20, ['--version'], { encoding: 'utf8' })).toMatch(/^v20\./);
  directory = mkdtempSync(join(tmpdir(), 'stratalog-node20-'));
  const build = ['-p', 'tsconfig.build.json', '--outDir', join(directory, 'dist')];
  execFileSync(join(ROOT, 'node_modules/.bin/tsc'), build, { cwd: ROOT });
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  writeFileSync(join(directory, 'package.json'), '{"type": "module"}');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const PROGRAM = `
import { Stratalog, json } from './dist/lib/index.js';
const [endpoint, topic] = process.argv.slice(2);
const log = new Stratalog({ endpoint });
const told = {};
for (const compression of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
  const producer = log.producer({ compression, value: json() });
  const messages = [{ key: compression, value: { text: compression.repeat(1000) } }];
  told[compression] = await producer.send({ topic, messages }).then(() => 'written', (e) => e.code);
  await producer.close();
}
const read = [];
for await (const { key } of log.reader({ topic, until: 'end' })) read.push(key);
console.log(JSON.stringify({ told, read }));
`;

/** What a program prints in Node 20. */
const printedBy = (text: string, ...args: readonly string[]): Promise<string> => {
  const program = join(directory, 'program.js');
  writeFileSync(program, text);
  const { promise, resolve: done } = Promise.withResolvers<string>();
  // Not synchronously: the service is in this process.
  const child = spawn(NODE_20, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.once('close', () => done(out));
  return promise;
};

it('writes and reads, with every codec that there is', { timeout: 120_000 }, async () => {
  const topic = await service.newTopic();
  await using producer = service.over().producer({ compression: 'zstd' });
  await producer.send({ topic, messages: [{ key: 'zstd of 24', value: 'z'.repeat(5_000) }] });
  expect(JSON.parse(await printedBy(PROGRAM, service.url(), topic))).toEqual({
    told: {
      none: 'written',
      gzip: 'written',
      snappy: 'written',
      lz4: 'written',
      zstd: 'UNSUPPORTED_COMPRESSION_TYPE',
    },
    read: ['zstd of 24', 'none', 'gzip', 'snappy', 'lz4'],
  });
});

const SIGNING = `
import { Stratalog } from './dist/lib/index.js';
import { signedFetch } from './dist/lib/client/aws/index.js';
const [endpoint, region, accessKeyId, secretAccessKey] = process.argv.slice(2);
const credentials = { accessKeyId, secretAccessKey };
const log = new Stratalog({ endpoint, fetch: signedFetch({ region, credentials }) });
const { name } = await log.admin().createTopic({ name: 'signed', partitions: 1 });
console.log(name);
`;

it('signs for a service in AWS', { timeout: 60_000 }, async () => {
  const gateway = await startIamGateway({ now: systemRuntime.now, service: service.url });
  const out = await printedBy(SIGNING, gateway.url, 'eu-central-1', KEY, SECRET);
  await gateway.close();
  expect(out).toBe('signed\n');
});

it('has types that need nothing of Node', { timeout: 60_000 }, () => {
  const program = join(directory, 'typed.ts');
  writeFileSync(
    program,
    `import { Stratalog, json } from './dist/lib/index.js';
    const reader = new Stratalog({ endpoint: 'x' }).reader({ topic: 't', value: json<{ n: 1 }>() });
    for await (const { value } of reader) console.log(value?.n);`,
  );
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  const platform = ['--target', 'es2022', '--lib', 'es2022,dom', '--types', ''];
  const modules = ['--module', 'esnext', '--moduleResolution', 'bundler'];
  const { stdout } = spawnSync(tsc, ['--noEmit', '--strict', ...platform, ...modules, program], {
    cwd: directory,
    encoding: 'utf8',
  });
  expect(stdout).toBe('');
});

it('says which Node the command line needs', () => {
  const { status, stderr } = spawnSync(NODE_20, [join(directory, 'dist/lib/cli/main.js'), 'dev'], {
    encoding: 'utf8',
  });
  expect(stderr).toMatch(/`stratalog dev` need Node 24 or newer; this is v20\./);
  expect(status).toBe(2);
});
