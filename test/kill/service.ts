/** The real local service as a child process: started, awaited, killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import type { Runtime } from '../../lib/model/runtime.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** How long a service may take to recover and answer. */
const READY_TIMEOUT_MS = 30_000;
const POLL_MS = 20;

export const FSYNC_MODES = ['always', 'interval', 'never'] as const;
export type FsyncMode = (typeof FSYNC_MODES)[number];

export interface Service {
  readonly url: string;
  /** Aborts when the process has ended. */
  readonly ended: AbortSignal;
  /** Resolves when it answers. @throws when it ends or does not answer in time */
  ready(): Promise<void>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; the exit code. */
  stop(): Promise<number | null>;
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port to listen on');
  return address.port;
};

const exitOf = async (child: ChildProcess): Promise<number | null> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
};

/** Starts `stratalog dev` on a free port of this machine. It need not answer yet. */
export const startService = async (
  dataDirectory: string,
  fsync: FsyncMode,
  runtime: Runtime,
): Promise<Service> => {
  const port = await freePort();
  const parameters = ['dev', '--data-dir', dataDirectory, '--http-port', String(port)];
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', 'lib/cli/main.ts', ...parameters, '--fsync', fsync],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = new AbortController();
  child.once('exit', () => ended.abort());
  const url = `http://127.0.0.1:${port}`;

  return {
    url,
    ended: ended.signal,
    ready: async () => {
      const deadline = runtime.monotonicMs() + READY_TIMEOUT_MS;
      while (runtime.monotonicMs() < deadline && !ended.signal.aborted) {
        const health = await fetch(`${url}/health`, { signal: ended.signal }).catch(
          () => undefined,
        );
        await health?.body?.cancel();
        if (health?.ok) return;
        await runtime.sleep(POLL_MS, ended.signal);
      }
      const how = ended.signal.aborted ? 'ended' : `did not answer in ${READY_TIMEOUT_MS} ms`;
      throw new Error(`the service on ${dataDirectory} ${how}; it said:\n${output}`);
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exitOf(child);
    },
    stop: async () => {
      child.kill('SIGTERM');
      return exitOf(child);
    },
  };
};
