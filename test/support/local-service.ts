/** The real local service as a child process: started, awaited, halted, killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { Runtime } from '../../lib/model/runtime.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** How long a service may take to recover and answer. */
const READY_TIMEOUT_MS = 30_000;

export const FSYNC_MODES = ['always', 'interval', 'never'] as const;
export type FsyncMode = (typeof FSYNC_MODES)[number];

export interface Service {
  /** Aborts when the process has ended. */
  readonly ended: AbortSignal;
  /** Where it is, once it answers. @throws when it ends or does not answer in time */
  ready(): Promise<string>;
  /** The end of what it wrote to standard error. */
  said(): string;
  /** SIGSTOP: it stands still, and the system goes on to accept connections for it. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; the exit code. */
  stop(): Promise<number | null>;
}

/** Starts `stratalog dev` on a port of this machine, by default a free one. It need not answer yet. */
export const startService = (
  dataDirectory: string,
  fsync: FsyncMode,
  runtime: Runtime,
  httpPort = 0,
): Service => {
  const child = spawn(
    process.execPath,
    ['lib/cli/main.ts', 'dev', '--json', '--http-port', String(httpPort)].concat(
      '--fsync',
      fsync,
      '--data-dir',
      dataDirectory,
    ),
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  // It must not outlive a caller that is interrupted.
  const killNow = () => child.kill('SIGKILL');
  process.once('exit', killNow);
  const ended = new AbortController();
  const closed = once(child, 'close').then(() => {
    process.off('exit', killNow);
    ended.abort();
  });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors = `${errors}${chunk}`.slice(-4_000);
  });
  // With --json it says where it is in one line, once it answers.
  const url = new Promise<string>((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      if (output.endsWith('\n')) resolve(JSON.parse(output).url);
    });
    ended.signal.addEventListener('abort', () => {
      reject(new Error(`the service on ${dataDirectory} ended before it answered:\n${errors}`));
    });
  });
  url.catch(() => {});

  return {
    ended: ended.signal,
    ready: () =>
      Promise.race([
        url,
        runtime.sleep(READY_TIMEOUT_MS, ended.signal).then(() => {
          if (ended.signal.aborted) return url;
          throw new Error(
            `the service on ${dataDirectory} did not answer in ${READY_TIMEOUT_MS} ms:\n${errors}`,
          );
        }),
      ]),
    said: () => errors,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    kill: async () => {
      child.kill('SIGKILL');
      await closed;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await closed;
      return child.exitCode;
    },
  };
};
