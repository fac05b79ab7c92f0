/**
 * Directories of their own for tests that write files.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A new empty directory, deleted when the tests of the file are through. */
export const scratchDirectory = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'stratalog-test-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return path;
};
