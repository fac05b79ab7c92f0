/** The package installed elsewhere: what is in it, its CLI, its service, and what importing it loads. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { run } from './run.ts';

const tarball = inject('tarball');
const FUNCTIONS = ['commit', 'fetch', 'maintain', 'produce', 'topic-resource', 'topics'];
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'stratalog-user-'));
  writeFileSync(join(directory, 'package.json'), '{ "private": true, "type": "module" }');
  await run(directory, 'npm', ['install', '--no-audit', '--no-fund', tarball]);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('has in it what its entries need, and nothing that only tests or bundles reach', async () => {
  const { out } = await run(directory, 'tar', ['-tzf', tarball]);
  const files = out.trim().split('\n');
  for (const name of FUNCTIONS) expect(files).toContain(`package/dist/functions/${name}/index.mjs`);
  for (const name of [
    'dist/functions/THIRD-PARTY-LICENSES.txt',
    'dist/functions/topics/docs/swagger-ui.css',
    'dist/cdk/infra/index.js',
    'dist/cdk/infra/index.d.ts',
    'dist/cdk/package.json',
    'dist/lib/client/aws/index.js',
    'CHANGELOG.md',
    'LICENSE',
  ]) {
    expect(files).toContain(`package/${name}`);
  }
  const strangers =
    /lib\/storage\/(aws|faulty)|functions\/(lambda|cloudformation)|\/(test|bench)\//;
  expect(files.filter((file) => strangers.test(file))).toEqual([]);
});

it('runs its CLI by npx, without being installed', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'stratalog-npx-'));
  try {
    const args = ['--yes', '--package', tarball, 'stratalog', '--help'];
    expect((await run(empty, 'npx', args)).out).toContain('Usage: stratalog');
  } finally {
    rmSync(empty, { recursive: true, force: true });
  }
});

it('serves the page of its API', async () => {
  const program = join(directory, 'node_modules/.bin/stratalog');
  const service = spawn(program, ['dev', '--in-memory', '--http-port', '0', '--json'], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(service, 'close');
  try {
    const [line] = await once(service.stdout.setEncoding('utf8'), 'data');
    const { url } = JSON.parse(line);
    const page = await (await fetch(`${url}/docs`)).text();
    const files = [...page.matchAll(/="(docs\/[^"]+)"/g)].map(([, file]) => file);
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) expect((await fetch(`${url}/${file}`)).status).toBe(200);
  } finally {
    service.kill();
    await ended;
  }
});

/** Calls a bundle as Lambda would, in an environment that lacks its settings. */
const CALLED = `
const { handler } = await import(process.argv[2]);
const context = { awsRequestId: 'r-1', getRemainingTimeInMillis: () => 60_000 };
console.log(JSON.stringify(await handler({ method: 'GET', path: '/health' }, context)));
`;

it.each(['topics', 'produce', 'fetch', 'commit'])(
  'has a bundle of %s that stands alone, and says what it lacks',
  async (name) => {
    const bundle = join(directory, `${name}.mjs`);
    copyFileSync(
      join(directory, `node_modules/stratalog/dist/functions/${name}/index.mjs`),
      bundle,
    );
    const program = join(directory, 'called.mjs');
    writeFileSync(program, CALLED);
    const { out, err } = await run(directory, process.execPath, [program, bundle]);
    const { status, body } = JSON.parse(out);
    const served = name === 'topics';
    expect(status).toBe(served ? 500 : 404);
    expect(body).toContain(served ? 'STRATALOG_TABLE is missing' : 'is served by the function');
    expect(err.includes('STRATALOG_BUCKET is missing')).toBe(served);
  },
);

/** Prints the packages that importing `specifier` loads, and what it exports. */
const LOADED = `
import { registerHooks } from 'node:module';
const loaded = new Set();
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    const [, name] = /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(found.url) ?? [];
    if (name !== undefined) loaded.add(name);
    return found;
  },
});
const exported = Object.keys(await import(process.argv[2]));
console.log(JSON.stringify({ loaded: [...loaded], exported }));
`;

const importing = async (specifier: string): Promise<{ loaded: string[]; exported: string[] }> => {
  const program = join(directory, 'loaded.mjs');
  writeFileSync(program, LOADED);
  return JSON.parse((await run(directory, process.execPath, [program, specifier])).out);
};

const AWS = /^(@aws-|@smithy\/|aws-|constructs)/;

it('loads nothing of AWS with the SDK', async () => {
  const { loaded, exported } = await importing('stratalog');
  expect(exported).toContain('Stratalog');
  expect(loaded).toContain('stratalog');
  expect(loaded.filter((name) => AWS.test(name))).toEqual([]);
});

it('loads nothing of AWS with the local service', async () => {
  const service = join(directory, 'node_modules/stratalog/dist/lib/local/start.js');
  const { loaded, exported } = await importing(service);
  expect(exported).toEqual(['startLocal']);
  expect(loaded.filter((name) => AWS.test(name))).toEqual([]);
});

it('has the ways to AWS under a name of their own', async () => {
  const { loaded, exported } = await importing('stratalog/aws');
  expect(exported).toContain('signedFetch');
  expect(loaded.some((name) => AWS.test(name))).toBe(true);
});

it('asks for CDK only from those who use it', async () => {
  await expect(importing('stratalog/cdk')).rejects.toThrow("Cannot find module 'aws-cdk-lib");
});
