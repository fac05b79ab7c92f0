/** An example as its reader runs it: a process that imports `stratalog`, and a service for it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { type Service, startService } from '../support/local-service.ts';
import { scratchDirectory } from '../support/scratch.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** A local service for the tests of a file: its endpoint, once they run. */
export const serviceForTests = (): (() => string) => {
  const directory = scratchDirectory();
  let service: Service | undefined;
  let endpoint = '';
  beforeAll(async () => {
    service = startService(join(directory, 'data'), 'interval', systemRuntime);
    endpoint = await service.ready();
  });
  afterAll(async () => {
    await service?.stop();
  });
  return () => endpoint;
};

/** `npm run program examples/<args>`; what it writes is piped. */
export const startExample = (
  args: readonly [string, ...string[]],
  endpoint: string,
  env: NodeJS.ProcessEnv = {},
): ChildProcess =>
  spawn(
    process.execPath,
    ['--conditions=stratalog-source', `examples/${args[0]}`, ...args.slice(1)],
    {
      cwd: ROOT,
      env: { ...process.env, STRATALOG_ENDPOINT: endpoint, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
