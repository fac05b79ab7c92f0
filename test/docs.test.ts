/**
 * What the documents say is true: links lead somewhere, and what a reader is told to type does what it
 * is said to do, on a real local service. `test/docs/page.ts` says which blocks are run, and how.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksOf, isAsShown, scriptOf } from './docs/page.ts';
import { newReader, type Reader } from './docs/reader.ts';

const ROOT = resolve(import.meta.dirname, '..');
const DOCUMENTS = globSync(['*.md', 'docs/**/*.md', 'examples/**/*.md'], { cwd: ROOT }).sort();

const textOf = (document: string): string => readFileSync(join(ROOT, document), 'utf8');

/** Lines by the key before their colon, in order. */
const byKey = (text: string): ReadonlyMap<string, readonly string[]> =>
  Map.groupBy(text.trimEnd().split('\n'), (line) => line.slice(0, line.indexOf(':')));

/** What must hold once a page was followed, besides what it shows. */
const AFTERWARDS: Readonly<Record<string, (reader: Reader) => Promise<void>>> = {
  'README.md': async ({ directory }) => {
    const sent = byKey(await readFile(join(directory, 'lines.txt'), 'utf8'));
    const consumed = byKey(await readFile(join(directory, 'consumed.txt'), 'utf8'));
    const lines = [...sent.values()].reduce((sum, { length }) => sum + length, 0);
    expect(lines).toBeGreaterThan(100_000);
    expect(consumed.size).toBe(sent.size);
    for (const [key, lines] of sent) expect(consumed.get(key), key).toEqual(lines);
  },
};

describe.each(DOCUMENTS)('%s', (document) => {
  it('has links that lead somewhere', () => {
    const links = [...textOf(document).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, to]) => to!);
    const dead = links.filter((to) => !existsSync(resolve(ROOT, dirname(document), to)));
    expect(dead).toEqual([]);
  });

  it('names npm scripts that there are', () => {
    const { scripts } = JSON.parse(textOf('package.json'));
    const named = [...textOf(document).matchAll(/npm run (?:-s |--silent )?([\w:-]+)/g)];
    expect(named.map(([, name]) => name!).filter((name) => !(name in scripts))).toEqual([]);
  });
});

describe('a page', () => {
  it('is cut into blocks, programs and what they print', () => {
    const page = [
      '```sh\necho one\n```\n\n```text\none\n```',
      '```ts a.ts\nconst a = 1;\n```',
      '```sh untested\nnpm ci\n```',
      '```ts a.ts\nconsole.log(a); // → 1\n```',
    ].join('\n\nWords.\n\n');
    expect(blocksOf(page)).toHaveLength(5);
    const { steps, programs } = scriptOf(page);
    expect(steps.map(({ script, expected }) => [script, expected])).toEqual([
      ['echo one\n', 'one\n'],
      ['node a.ts\n', '1\n'],
    ]);
    expect(programs.get('a.ts')).toBe('const a = 1;\nconsole.log(a); // → 1\n');
  });

  it('has other readers where the stack is deployed', () => {
    const page = '```sh\nnpm start\n```\n\n```sh deployed\nnpx cdk deploy\n```\n';
    const scripts = (where?: 'deployed') => scriptOf(page, where).steps.map(({ script }) => script);
    expect(scripts()).toEqual(['npm start\n']);
    expect(scripts('deployed')).toEqual(['npx cdk deploy\n']);
  });

  it('may not hold blocks of which nobody knows whether they are true', () => {
    expect(() => scriptOf('```sh test\ntrue\n```')).toThrow('line 1');
    expect(() => scriptOf('\n```python\n1\n```')).toThrow('line 2');
  });

  it('shows what is printed, but for what changes from run to run', () => {
    expect(isAsShown('a 12 b\n', 'a … b\n')).toBe(true);
    expect(isAsShown('a\nb\nc\nd\n', 'a\n…\nd')).toBe(true);
    expect(isAsShown('a\nb', 'a\n')).toBe(false);
    expect(isAsShown('b\n', 'a\n')).toBe(false);
    expect(isAsShown('a.c\n', 'abc\n')).toBe(false);
  });
});

/** One reader for all pages: what one of them leaves behind must not be in the way of the next. */
describe('a reader who follows', () => {
  let reader: Reader;
  beforeAll(async () => {
    reader = await newReader();
  });
  afterAll(() => reader.leave());

  const pages = DOCUMENTS.filter((document) => scriptOf(textOf(document)).steps.length > 0);
  it.each(pages)('%s finds what it says', { timeout: 120_000 }, async (document) => {
    await reader.follow(scriptOf(textOf(document)));
    await AFTERWARDS[document]?.(reader);
  });
});
