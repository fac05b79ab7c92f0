/** The CLI as people and scripts meet it: a process with arguments, input, output and an exit code. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Starts `stratalog …`; `endpoint` and `env` go into its environment. */
export const start = (
  args: readonly string[],
  endpoint = 'http://127.0.0.1:1',
  env: NodeJS.ProcessEnv = {},
  stdout: 'pipe' | number = 'pipe',
): ChildProcess =>
  spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'lib/cli/main.ts', ...args], {
    cwd: ROOT,
    env: { ...process.env, STRATALOG_ENDPOINT: endpoint, NO_COLOR: '1', ...env },
    stdio: ['pipe', stdout, 'pipe'],
  });

/** What the process says until it ends. */
export const ended = async (child: ChildProcess): Promise<Ended> => {
  let out = '';
  let err = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
};

export const runCli = async (
  args: readonly string[],
  endpoint?: string,
  input: string | Uint8Array = '',
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> => {
  const child = start(args, endpoint, env);
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  return ended(child);
};

/** Resolves with all that was written once `pattern` is in it. @throws when the process ends before */
export const untilSays = (child: ChildProcess, pattern: RegExp): Promise<string> =>
  new Promise((resolve, reject) => {
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        said += chunk;
        if (pattern.test(said)) resolve(said);
      });
    }
    child.once('close', (code) => reject(new Error(`ended with ${code}: ${said}`)));
  });
