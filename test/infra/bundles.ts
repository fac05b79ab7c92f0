/** Bundles that do nothing: what they hold is no matter of the template, and nothing is built for its tests. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FUNCTION_NAMES } from '../../infra/names.ts';

/** Where apps of the tests may leave what they make. */
export const SCRATCH = mkdtempSync(join(tmpdir(), 'stratalog-infra-'));
process.once('exit', () => rmSync(SCRATCH, { recursive: true, force: true }));

const directory = join(SCRATCH, 'bundles');
for (const name of FUNCTION_NAMES) {
  mkdirSync(join(directory, name), { recursive: true });
  writeFileSync(join(directory, name, 'index.mjs'), `export const handler = () => '${name}';\n`);
}

/** Has a log take them, as a context of CDK. */
export const BUNDLES = { 'stratalog:bundles': directory };
