/** What the documents show of CDK: programs that are type-checked as a user's are, and synthesized; props that there are. */
import { execFile } from 'node:child_process';
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { blocksOf } from '../docs/page.ts';
import { BUNDLES } from './bundles.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

const directory = mkdtempSync(join(tmpdir(), 'stratalog-cdk-docs-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const write = (path: string, content: string | object): void => {
  mkdirSync(join(directory, path, '..'), { recursive: true });
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  writeFileSync(join(directory, path), text);
};

// What there is after `npm install stratalog aws-cdk-lib constructs`, as far as a program can see.
write('stratalog/package.json', {
  name: 'stratalog',
  type: 'module',
  exports: { './cdk': './cdk.ts' },
});
write('stratalog/cdk.ts', `export * from '${ROOT}/infra/index.ts';\n`);
write('node_modules/.keep', '');
symlinkSync(join(directory, 'stratalog'), join(directory, 'node_modules/stratalog'));
for (const name of ['aws-cdk-lib', 'constructs', '@types']) {
  symlinkSync(join(ROOT, 'node_modules', name), join(directory, 'node_modules', name));
}
write('package.json', { type: 'module' });
// As strict as `cdk init` makes it.
write('tsconfig.json', {
  compilerOptions: {
    target: 'es2024',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    types: ['node'],
  },
  include: ['*.ts'],
});

const programs = globSync(['*.md', 'docs/**/*.md'], { cwd: ROOT }).flatMap((document) =>
  blocksOf(readFileSync(join(ROOT, document), 'utf8'))
    .filter(({ language, word }) => language === 'ts' && word === 'cdk')
    .map(({ text, line }) => ({ where: `${document}:${line}`, text })),
);
for (const [index, { text }] of programs.entries()) write(`program-${index}.ts`, text);

describe('programs in the documents', () => {
  it('are some', () => {
    expect(programs.length).toBeGreaterThan(2);
  });

  it('have right types', async () => {
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    const { stdout } = await run(tsc, ['-p', '.'], { cwd: directory }).catch((error) => error);
    expect(stdout).toBe('');
  });

  it('make stacks, each of them', { timeout: 120_000 }, async () => {
    // One process for all, as CDK takes longest to load. Each app synthesizes itself when the process ends.
    const all = programs.map((_, index) => [
      `./program-${index}.ts`,
      join(directory, `out-${index}`),
    ]);
    const script = `for (const [program, out] of ${JSON.stringify(all)}) {
      process.env.CDK_OUTDIR = out;
      await import(program);
    }`;
    await run(process.execPath, ['--input-type=module', '-e', script], {
      cwd: directory,
      env: { ...process.env, CDK_CONTEXT_JSON: JSON.stringify(BUNDLES) },
    });
    for (const [index, { where }] of programs.entries()) {
      const out = readdirSync(join(directory, `out-${index}`), { recursive: true });
      expect(out.map(String), where).toContainEqual(expect.stringMatching(/\.template\.json$/));
    }
  });
});

describe('the declarations of props', () => {
  it.each(['infra/props.ts', 'infra/topic-props.ts'])(
    'of %s tell what each is without being said',
    (path) => {
      const declarations = readFileSync(join(ROOT, path), 'utf8');
      const props = [
        ...declarations.matchAll(/(\/\*\*(?:(?!\*\/).)*\*\/)?\s*readonly (\w+)\?: /gs),
      ];
      expect(props.length).toBeGreaterThan(4);
      const silent = props.filter(([, docs]) => !docs?.includes('@default'));
      expect(silent.map(([, , name]) => name)).toEqual([]);
    },
  );
});

describe('docs/deploy.md', () => {
  const page = readFileSync(join(ROOT, 'docs/deploy.md'), 'utf8');

  it('lists every prop, and no other', () => {
    const declarations = readFileSync(join(ROOT, 'infra/props.ts'), 'utf8');
    const [, body] = /export interface StratalogProps \{\n(.*?)\n\}/s.exec(declarations)!;
    const props = [...body!.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name]) => name!);
    const [, section] = /### Props\n(.*?)\n## /s.exec(page)!;
    const listed = [...section!.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, names]) =>
      [...names!.matchAll(/`(\w+)`/g)].map(([, name]) => name!),
    );
    expect(listed.filter((name) => name !== 'prop').sort()).toEqual(props.sort());
  });

  it('lists every setting of the app, and no other', () => {
    const app = readFileSync(join(ROOT, 'infra/app.ts'), 'utf8');
    const read = [...app.matchAll(/(?:setting|whole)\('(\w+)'\)/g)].map(([, name]) => name!);
    const listed = [...page.matchAll(/^\| `-c .*? \|/gm)].flatMap(([row]) =>
      [...row.matchAll(/-c (\w+)=/g)].map(([, name]) => name!),
    );
    expect(listed.sort()).toEqual([...new Set(read)].sort());
  });
});
