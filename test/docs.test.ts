/**
 * What the documents say is true: links lead somewhere, and the commands of the README do what they
 * are said to do, on a real local service.
 *
 * A block that is to be run is fenced with ```sh test. The blocks of the README run in order, in one
 * shell, in a directory with nothing but `node_modules`, with `stratalog` as it would be after an
 * installation.
 */
import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemRuntime } from '../lib/model/runtime.ts';
import { type Service, startService } from './kill/service.ts';

const ROOT = resolve(import.meta.dirname, '..');
const DOCUMENTS = globSync(['*.md', 'docs/**/*.md'], { cwd: ROOT });

const textOf = (document: string): string => readFileSync(join(ROOT, document), 'utf8');

/** The fenced blocks that are to be run. */
const blocksToRun = (text: string): readonly string[] =>
  [...text.matchAll(/^```sh test\n(.*?)^```$/gms)].map(([, block]) => block!);

describe.each(DOCUMENTS)('%s', (document) => {
  it('has links that lead somewhere', () => {
    const links = [...textOf(document).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, to]) => to!);
    const dead = links.filter((to) => !existsSync(resolve(ROOT, dirname(document), to)));
    expect(dead).toEqual([]);
  });

  it('names npm scripts that there are', () => {
    const { scripts } = JSON.parse(textOf('package.json'));
    const named = [...textOf(document).matchAll(/npm run (?:--silent )?([\w:-]+)/g)];
    expect(named.map(([, name]) => name!).filter((name) => !(name in scripts))).toEqual([]);
  });
});

/** Lines by the key before their colon, in order. */
const byKey = (text: string): ReadonlyMap<string, readonly string[]> =>
  Map.groupBy(text.trimEnd().split('\n'), (line) => line.slice(0, line.indexOf(':')));

describe('the quickstart of the README', () => {
  let directory: string;
  let service: Service;
  let url: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'stratalog-readme-'));
    service = startService(join(directory, 'data'), 'interval', systemRuntime);
    url = await service.ready();
    const command = `#!/bin/sh\nexec "${process.execPath}" "${ROOT}/lib/cli/main.ts" "$@"\n`;
    await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
    await mkdir(join(directory, 'bin'));
    await writeFile(join(directory, 'bin/stratalog'), command);
    await chmod(join(directory, 'bin/stratalog'), 0o755);
  });

  afterAll(async () => {
    await service.stop();
    await rm(directory, { recursive: true });
  });

  it('does what it says', { timeout: 120_000 }, async () => {
    const blocks = blocksToRun(textOf('README.md'));
    expect(blocks).toHaveLength(3);
    const script = blocks.join('\n').replaceAll('http://127.0.0.1:8080', url);
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], {
      cwd: directory,
      env: {
        ...process.env,
        PATH: [join(directory, 'bin'), process.env.PATH].join(delimiter),
        STRATALOG_ENDPOINT: url,
      },
    });
    expect(stdout).toContain('the same lines');
    expect(stdout).toContain('in the same order');
    expect(stdout).toContain('"offset":');

    const sent = byKey(await readFile(join(directory, 'lines.txt'), 'utf8'));
    const consumed = byKey(await readFile(join(directory, 'consumed.txt'), 'utf8'));
    const lines = [...sent.values()].reduce((sum, { length }) => sum + length, 0);
    expect(lines).toBeGreaterThan(100_000);
    expect(consumed.size).toBe(sent.size);
    for (const [key, lines] of sent) expect(consumed.get(key), key).toEqual(lines);
  });
});
