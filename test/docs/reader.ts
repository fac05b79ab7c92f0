/**
 * Somebody who reads pages and types what they say: an empty directory in which `stratalog` is
 * installed, a local service, an account of AWS as far as pages need one, and for each page a shell.
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { startService } from '../support/local-service.ts';
import { openAccount } from './account.ts';
import { isAsShown, type Script } from './page.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Where the pages say that the service is. */
const ENDPOINT = 'http://127.0.0.1:8080';
/** Stands between the output of two steps. */
const MARK = '\u001e';
const SETTINGS = {
  extends: join(ROOT, 'tsconfig.json'),
  include: ['*.ts'],
  exclude: [],
};

export interface Reader {
  readonly directory: string;
  /** Does what a page says. @throws when a program is wrong, a step fails or prints something else */
  follow(script: Script): Promise<void>;
  leave(): Promise<void>;
}

/** What there is after `npm install stratalog`, as far as a program can see. */
const install = async (directory: string): Promise<void> => {
  const modules = join(directory, 'node_modules');
  await mkdir(modules);
  await symlink(ROOT, join(modules, 'stratalog'));
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (!name.startsWith('.')) await symlink(join(ROOT, 'node_modules', name), join(modules, name));
  }
  await mkdir(join(directory, 'bin'));
  const command = `#!/bin/sh\nexec "${process.execPath}" "${ROOT}/lib/cli/main.ts" "$@"\n`;
  await writeFile(join(directory, 'bin/stratalog'), command);
  await chmod(join(directory, 'bin/stratalog'), 0o755);
  await symlink(join(ROOT, 'examples'), join(directory, 'examples'));
  const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const manifest = { type: 'module', scripts: { program: scripts.program } };
  await writeFile(join(directory, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(SETTINGS));
};

/** Everything a command says, however it ends. */
const outputOf = (
  file: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> =>
  new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });

/** Sits down in a new directory, with a service of their own. */
export const newReader = async (): Promise<Reader> => {
  const directory = await mkdtemp(join(tmpdir(), 'stratalog-reader-'));
  await install(directory);
  const service = startService(join(directory, 'data'), 'interval', systemRuntime);
  const url = await service.ready();
  const account = await openAccount(url);
  const env = {
    ...process.env,
    PATH: [join(directory, 'bin'), join(ROOT, 'node_modules/.bin'), process.env.PATH].join(
      delimiter,
    ),
    NODE_OPTIONS: '--conditions=stratalog-source --disable-warning=ExperimentalWarning',
    ...account.environment,
    STRATALOG_ENDPOINT: url,
    NO_COLOR: '1',
  };
  const here = (text: string): string => text.replaceAll(ENDPOINT, url);

  const check = async (programs: ReadonlyMap<string, string>): Promise<void> => {
    for (const [name, text] of programs) await writeFile(join(directory, name), here(text));
    if (programs.size === 0) return;
    const { code, out } = await outputOf('tsc', ['-p', '.'], directory, env);
    if (code !== 0) throw new Error(`the programs of the page have wrong types:\n${out}`);
  };

  return {
    directory,
    follow: async ({ steps, programs }) => {
      await check(programs);
      const script = steps.map(({ script }) => `${here(script)}\nprintf '${MARK}'\n`).join('');
      const { code, out, err } = await outputOf(
        'bash',
        ['-euo', 'pipefail', '-c', script],
        directory,
        env,
      );
      const outputs = out.split(MARK);
      for (const [index, { line, expected }] of steps.entries()) {
        const printed = outputs[index] ?? '';
        if (index >= outputs.length - 1) {
          throw new Error(`line ${line} ended with ${code}:\n${printed}\n${err}`);
        }
        if (expected !== undefined && !isAsShown(printed, here(expected))) {
          throw new Error(
            `line ${line} printed\n\n${printed}\nand the page says\n\n${here(expected)}`,
          );
        }
      }
    },
    leave: async () => {
      await account.close();
      await service.stop();
      await rm(directory, { recursive: true });
    },
  };
};
