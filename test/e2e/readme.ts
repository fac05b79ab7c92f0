/** What the README tells to type to deploy a log, to use it and to remove it; nothing else deploys the app here. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { isAsShown, type Step, scriptOf } from '../docs/page.ts';
import { ROOT, run } from './cdk.ts';

/** As the README has it, further up. */
const PRELUDE = 'stratalog() { npm run --silent stratalog -- "$@"; }';
/** What the app's stack is called when nobody says otherwise. */
const STACK = 'Stratalog';

const isRemoval = ({ script }: Step): boolean => script.includes('cdk destroy');

/** In an account with others the stack gets another name, in CDK's commands and in ours. */
const here = (script: string, stack: string): string =>
  stack === STACK
    ? script
    : script
        .replaceAll(/\bcdk (deploy|destroy)/g, `cdk $1 -c stackName=${stack}`)
        .replaceAll(`STRATALOG_STACK=${STACK}`, `STRATALOG_STACK=${stack}`);

const steps = (): readonly Step[] =>
  scriptOf(readFileSync(join(ROOT, 'README.md'), 'utf8'), 'deployed').steps;

const follow = async (each: Step, stack: string): Promise<void> => {
  const script = `set -euo pipefail\n${PRELUDE}\n${here(each.script, stack)}`;
  // Nobody is there to be asked whether it is meant.
  const sure: Record<string, string> = isRemoval(each) ? { CDK_FORCE: 'true' } : {};
  const { code, said, out } = await run('bash', ['-c', script], sure);
  expect(code, `line ${each.line} of README.md:\n${said}`).toBe(0);
  if (each.expected !== undefined) {
    const shown = isAsShown(out, each.expected);
    expect(shown, `line ${each.line} of README.md printed\n${out}`).toBe(true);
  }
};

/** Everything up to the removal. */
export const followDeployment = async (stack: string): Promise<void> => {
  const deploying = steps().filter((each) => !isRemoval(each));
  expect(deploying.length).toBeGreaterThan(1);
  for (const each of deploying) await follow(each, stack);
};

export const followRemoval = async (stack: string): Promise<void> => {
  const removing = steps().filter(isRemoval);
  expect(removing).toHaveLength(1);
  for (const each of removing) await follow(each, stack);
};
