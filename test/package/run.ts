/** Programs that the tests run somewhere else. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** What npm gives to what it runs would lead another npm back to this repository. */
const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(npm_|INIT_CWD|VITEST|NODE_ENV|STRATALOG_)/.test(name),
    ),
  );

export interface Ran {
  readonly out: string;
  readonly err: string;
}

/** Runs it to its end in `directory`. @throws with all that it said when it fails */
export const run = async (
  directory: string,
  program: string,
  args: readonly string[],
): Promise<Ran> => {
  const child = spawn(program, args, {
    cwd: directory,
    env: { ...environment(), CI: 'true', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const [code] = await once(child, 'close');
  if (code === 0) return { out, err };
  throw new Error(`${program} ${args.join(' ')} ended with ${code}\n${out}\n${err}`);
};
