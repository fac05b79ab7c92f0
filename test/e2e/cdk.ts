/** The CDK CLI, as a person runs it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');
/** The app of the tests, which uses a deployed log as another team's app would. */
export const TEST_APP = ['--app', 'node test/e2e/app/main.ts'];

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  /** Both its outputs, as a terminal shows them. */
  readonly said: string;
}

/** Runs a command in a checkout; nobody is there to answer questions. */
export const run = (
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ran> =>
  new Promise((done, fail) => {
    // A template of ours must not be in the way of one that somebody makes meanwhile.
    const output = mkdtempSync(join(tmpdir(), 'stratalog-cdk-'));
    const child = spawn(command, args, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        CDK_OUTPUT: output,
        CDK_REQUIRE_APPROVAL: 'never',
        NO_COLOR: '1',
        ...environment,
      },
    });
    let out = '';
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      said += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.once('error', fail).once('close', (code) => {
      rmSync(output, { recursive: true, force: true });
      done({ code, out, said });
    });
  });

/** @returns what it said. @throws with that when it fails */
export const cdk = async (...args: readonly string[]): Promise<string> => {
  const { code, said } = await run('cdk', args);
  if (code !== 0) throw new Error(`cdk ${args.join(' ')} ended with ${code}:\n${said}`);
  return said;
};
