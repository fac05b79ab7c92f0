/** Packs the package once for all files, as `npm publish` would: built anew, with what `files` names. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { run } from './run.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of the `.tgz`. */
    readonly tarball: string;
  }
}

export const setup = async (project: TestProject): Promise<() => void> => {
  const directory = mkdtempSync(join(tmpdir(), 'stratalog-pack-'));
  const root = resolve(import.meta.dirname, '../..');
  const { out } = await run(root, 'npm', ['pack', '--json', '--pack-destination', directory]);
  // Before it, the build says what it made.
  const [{ filename }] = JSON.parse(out.slice(out.indexOf('[\n')));
  project.provide('tarball', join(directory, filename));
  return () => rmSync(directory, { recursive: true, force: true });
};
