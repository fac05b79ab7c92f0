/**
 * What apps of the tests need and users have: a place, and bundles. These do nothing, as what they hold is no matter
 * of the template, and nothing is built for its tests.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { FUNCTION_NAMES } from '../../infra/names.ts';

// Loading CloudFormation's schemas takes longer than all else; `nag.test.ts` has a whole app held against them.
process.env.CDK_VALIDATION = 'false';

/** Where apps of the tests may leave what they make. */
export const SCRATCH = mkdtempSync(join(tmpdir(), 'stratalog-infra-'));
afterAll(() => rmSync(SCRATCH, { recursive: true, force: true }));

const directory = join(SCRATCH, 'bundles');
for (const name of FUNCTION_NAMES) {
  mkdirSync(join(directory, name), { recursive: true });
  writeFileSync(join(directory, name, 'index.mjs'), `export const handler = () => '${name}';\n`);
}

/** Has a log take them, as a context of CDK. */
export const BUNDLES = { 'stratalog:bundles': directory };
