/**
 * Lints the repository itself: the plan of the house, dead files, docstrings, clocks, limits.
 *
 * Each rule is tried on a bad example first, so that a rule that stopped seeing anything is noticed.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as code from './tidy/code.ts';
import { LIMITS_ELSEWHERE, MAY_USE_CLOCKS } from './tidy/exceptions.ts';
import * as who from './tidy/imports.ts';
import { parseSource, type Rule, readSources } from './tidy/source.ts';

const root = resolve(import.meta.dirname, '..');
const manifest = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
const sources = readSources(root);

const shown = (rule: Rule, files = sources): readonly string[] =>
  rule(files).map(({ path, line, message }) => `${path}:${line} ${message}`);

/** What the package offers, as sources: `./dist/lib/x.js` is built from `lib/x.ts`. */
const packageEntries = (): readonly string[] =>
  JSON.stringify([manifest.exports, manifest.bin])
    .match(/dist\/[^"]+\.js"/g)!
    .map((built) => built.replace(/^dist\//, '').replace(/\.js"$/, '.ts'));

/** A bad example for each rule, by path, and what the rule must say about it. */
const RULES: Readonly<
  Record<
    string,
    {
      rule: Rule;
      says: RegExp;
      bad: Readonly<Record<string, string>>;
      good?: Record<string, string>;
    }
  >
> = {
  'imports point down': {
    rule: who.imports,
    says: /lib\/log must not import lib\/broker/,
    bad: { 'lib/log/append.ts': `import type { Broker } from '../broker/api.ts';` },
    good: { 'lib/broker/a.ts': `import { append } from '../log/append.ts';` },
  },
  'protocols do not know each other': {
    rule: who.imports,
    says: /lib\/groups must not import lib\/log/,
    bad: { 'lib/groups/offsets.ts': `export * from '../log/append.ts';` },
  },
  'adapters are chosen by entry points': {
    rule: who.imports,
    says: /imports the adapter lib\/storage\/memory/,
    bad: { 'lib/broker/a.ts': `const m = await import('../storage/memory/items.ts');` },
    good: { 'lib/local/a.ts': `import '../storage/embedded/items.ts';` },
  },
  'examples import what users import': {
    rule: who.imports,
    says: /examples must not import lib\/log/,
    bad: { 'examples/a/main.ts': `import { append } from '../../lib/log/append.ts';` },
    good: { 'examples/a/main.ts': `import { Stratalog } from 'stratalog';` },
  },
  'every file has a room': {
    rule: who.imports,
    says: /no room of the house/,
    bad: { 'lib/stuff/a.ts': '' },
  },
  'AWS stays in its rooms': {
    rule: who.packages({ dependencies: { '@aws-sdk/client-s3': '3' } }),
    says: /belongs to lib\/storage\/aws/,
    bad: { 'lib/log/a.ts': `import { S3Client } from '@aws-sdk/client-s3';` },
    good: { 'lib/storage/aws/a.ts': `import { S3Client } from '@aws-sdk/client-s3';` },
  },
  'CDK stays in infra': {
    rule: who.packages({ dependencies: { 'aws-cdk-lib': '2' } }),
    says: /belongs to infra/,
    bad: { 'functions/a.ts': `import { Stack } from 'aws-cdk-lib';` },
    good: { 'infra/a.ts': `import { Stack } from 'aws-cdk-lib';` },
  },
  'what ships needs no development package': {
    rule: who.packages({ devDependencies: { 'fast-check': '4', '@types/aws-lambda': '8' } }),
    says: /does not list under dependencies/,
    bad: {
      'lib/log/a.ts': `import fc from 'fast-check';`,
      'infra/a.ts': `import fc from 'fast-check';`,
    },
    good: {
      'lib/log/a.ts': `import { readFile } from 'node:fs/promises';`,
      'functions/a.ts': `import type { Context } from 'aws-lambda';`,
      'lib/storage/aws/a.ts': `import fc from 'fast-check';`,
      'test/a.test.ts': `import fc from 'fast-check';`,
    },
  },
  'no dead file': {
    rule: who.reachable(['lib/index.ts']),
    says: /reached from nowhere/,
    bad: { 'lib/index.ts': '', 'lib/log/forgotten.ts': '' },
    good: {
      'lib/index.ts': `export * from './log/kept.ts';\nfork('./log/started.ts');`,
      'lib/log/kept.ts': '',
      'lib/log/started.ts': '',
    },
  },
  'tests keep nothing alive': {
    rule: who.reachable(['lib/index.ts']),
    says: /reached from tests only/,
    bad: { 'lib/log/old.ts': '', 'test/old.test.ts': `import '../lib/log/old.ts';` },
  },
  'no native addon in functions': {
    rule: who.noNativeInFunctions,
    says: /functions\/produce\.ts → lib\/bytes\/crc\.ts/,
    bad: {
      'functions/produce.ts': `import { crc } from '../lib/bytes/crc.ts';`,
      'lib/bytes/crc.ts': `export const { crc32c } = await import('@node-rs/crc32');`,
    },
    good: {
      'functions/produce.ts': `import type { Crc } from '../lib/bytes/native.ts';`,
      'lib/bytes/native.ts': `import { crc32c } from '@node-rs/crc32';`,
    },
  },
  'the SDK is portable': {
    rule: who.portable,
    says: /and the SDK reaches it/,
    bad: {
      'lib/index.ts': `export { a } from './client/a.ts';\nexport { b } from './broker/b.ts';`,
      'lib/client/a.ts': `import { gzipSync } from 'node:zlib';\nimport './c.ts';`,
      'lib/client/c.ts': `export const c = Buffer.from('c');`,
    },
    good: {
      'lib/index.ts': `export { a } from './client/a.ts';\nimport type { B } from './broker/b.ts';`,
      'lib/client/a.ts': `export const { Buffer } = globalThis; // not Buffer.from`,
      'lib/broker/b.ts': `import { gzipSync } from 'node:zlib';`,
    },
  },
  'files are short': {
    rule: code.fileLength,
    says: /has 401 lines/,
    bad: { 'lib/log/a.ts': '\n'.repeat(401) },
    good: { 'lib/log/a.ts': '\n'.repeat(400) },
  },
  'files are named for their subject': {
    rule: code.fileNames,
    says: /says nothing/,
    bad: { 'lib/log/utils.ts': '' },
    good: { 'lib/wire/apis/03-metadata.ts': '', 'vitest.config.ts': '' },
  },
  'no default exports': {
    rule: code.namedExports,
    says: /default export/,
    bad: { 'lib/log/a.ts': 'export default 1;' },
    good: { 'a.config.ts': 'export default 1;' },
  },
  'exports have docstrings': {
    rule: code.docstrings,
    says: /exports append without a docstring/,
    bad: {
      'lib/log/a.ts':
        '/** It. */\nimport "a";\n\nexport const append = () => {\n  go();\n};\n\nexport const b = 1;',
    },
    good: {
      'lib/log/a.ts': '/** Both. */\nexport const a = () => {\n  go();\n};\nexport const b = 2;',
      'lib/log/b.ts': 'export interface B {\n  /** ms */\n  readonly at: number;\n}',
      'lib/log/c.ts': '/** Does c. */\n\nexport const c = () => {\n  go();\n};',
    },
  },
  'clocks are injected': {
    rule: code.injectedClocks([{ path: 'lib/model/runtime.ts', reason: 'the door' }]),
    says: /uses (Date\.now|setTimeout|randomBytes|performance\.now|new Date\(\)|node:timers\/promises)/,
    bad: {
      'lib/log/a.ts': 'export const a = () => Date.now();',
      'lib/log/b.ts': 'setTimeout(() => {}, 1);',
      'test/c.test.ts': `import { randomBytes as r } from 'node:crypto';`,
      'bench/d.ts': 'const t = performance.now();',
      'lib/log/e.ts': 'const t = new Date();',
      'lib/log/f.ts': `import { scheduler } from 'node:timers/promises';`,
    },
    good: {
      'lib/model/runtime.ts': 'Date.now()',
      'lib/log/a.ts': `// Date.now()\nruntime.randomBytes(8); new Date(0); const s = 'Math.random()';`,
    },
  },
  'exceptions are needed': {
    rule: code.staleClockExceptions([{ path: 'lib/log/a.ts', reason: 'was needed once' }]),
    says: /delete the exception/,
    bad: { 'lib/log/a.ts': 'export const a = 1;' },
    good: { 'lib/log/a.ts': 'setImmediate(() => {});' },
  },
  'limits are in one place': {
    rule: code.limitsInOnePlace([]),
    says: /move it to lib\/model\/limits\.ts/,
    bad: {
      'lib/log/a.ts': 'export const MAX_THINGS = 4 * 1024;',
      'lib/log/b.ts': 'export const REQUEST_TIMEOUT_MS = 5;',
    },
    good: {
      'lib/model/limits.ts': 'export const MAX_THINGS = 4;',
      'lib/log/a.ts':
        'export const HEADER_BYTES = 61;\nexport const MAX_TIMESTAMP_AT = 35;\nconst MAX_OWN = 1;',
    },
  },
  'every test runs': {
    rule: code.noSkippedTests,
    says: /run the test/,
    bad: {
      'test/a.test.ts': `it.skip('x', () => {});`,
      'test/b.test.ts': `describe.each([1]).only('x', () => {});`,
    },
    good: { 'test/a.test.ts': `it('x', () => list.skip(1));` },
  },
};

describe.each(Object.entries(RULES))('%s', (_name, { rule, says, bad, good = {} }) => {
  it('notices a bad example, and only that', () => {
    const files = (texts: Readonly<Record<string, string>>) =>
      Object.entries(texts).map(([path, text]) => parseSource(path, text));
    const findings = shown(rule, files(bad));
    expect(findings.length).toBeGreaterThan(0);
    for (const finding of findings) expect(finding).toMatch(says);
    expect(shown(rule, files(good))).toEqual([]);
  });
});

describe('the repository', () => {
  it.each<[string, Rule]>([
    ['imports only downwards', who.imports],
    ['imports declared packages, each in its rooms', who.packages(manifest)],
    ['has no dead file', who.reachable(packageEntries())],
    ['keeps native addons out of functions', who.noNativeInFunctions],
    ['has an SDK that runs in browsers', who.portable],
    ['has short files', code.fileLength],
    ['has telling file names', code.fileNames],
    ['exports names', code.namedExports],
    ['documents what lib exports', code.docstrings],
    ['injects clocks, timers and chance', code.injectedClocks(MAY_USE_CLOCKS)],
    ['has no needless exception', code.staleClockExceptions(MAY_USE_CLOCKS)],
    ['keeps limits in lib/model/limits.ts', code.limitsInOnePlace(LIMITS_ELSEWHERE)],
    ['runs every test', code.noSkippedTests],
  ])('%s', (_what, rule) => {
    expect(shown(rule)).toEqual([]);
  });

  it('names no path of a machine', () => {
    expect([...code.machinePaths('cd /home/someone/src')]).toHaveLength(1);
    expect([...code.machinePaths('GET https://example.com/home/page, ./work/a')]).toEqual([]);
    const texts = execFileSync('git', ['grep', '-IlE', '.', '--', '.', ':!package-lock.json'], {
      cwd: root,
      encoding: 'utf8',
    });
    const findings = texts
      .trim()
      .split('\n')
      .filter((path) => path !== 'test/tidy.test.ts')
      .flatMap((path) =>
        [...code.machinePaths(readFileSync(`${root}/${path}`, 'utf8'))].map(
          ({ message }) => `${path} ${message}`,
        ),
      );
    expect(findings).toEqual([]);
  });
});
