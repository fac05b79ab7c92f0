/**
 * A server that ends with the test process, together with everything that it started.
 *
 *   test process ──stdin──► sh, leader of a process group
 *                            ├─ the server ─┬─ child
 *                            │              └─ child
 *                            └─ cat: ends when the test process is gone, however it went
 *
 * Whichever of the two ends first, the shell kills the whole group, itself included. Waiting for an exit
 * handler of ours would not do: a test process that is killed runs none.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { systemRuntime } from '../../lib/model/runtime.ts';

const GUARD = [
  '("$@" </dev/null; echo "ended with $?" >&2; kill -KILL 0) &',
  'cat >/dev/null; rm -rf "$GUARDED_SCRATCH"; kill -KILL 0',
].join('\n');
/** What is shown of a log. */
const TAIL_LENGTH = 4_000;

export interface Guarded {
  /** Aborts when it has ended. */
  readonly ended: AbortSignal;
  /** The end of what it wrote. */
  said(): string;
  /** Kills it and all its children, and deletes its scratch; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts it, with both its outputs in a file. */
export const startGuarded = (
  command: readonly [string, ...string[]],
  options: {
    readonly environment: Readonly<Record<string, string>>;
    readonly logFile: string;
    /** A directory that is deleted when it is killed. */
    readonly scratch?: string;
    /** Where it runs; default: here. */
    readonly directory?: string;
  },
): Guarded => {
  const log = openSync(options.logFile, 'a');
  const child: ChildProcess = spawn('sh', ['-c', GUARD, 'sh', ...command], {
    detached: true,
    stdio: ['pipe', log, log],
    env: { ...options.environment, GUARDED_SCRATCH: options.scratch ?? '' },
    cwd: options.directory,
  });
  closeSync(log);
  const ended = new AbortController();
  const closed = once(child, 'close').then(() => ended.abort());
  return {
    ended: ended.signal,
    said: () => readFileSync(options.logFile, 'utf8').slice(-TAIL_LENGTH),
    kill: async () => {
      child.stdin?.destroy();
      await closed;
    },
  };
};

/** Waits until `answers` does. @throws with the end of its log when it ends first, or takes too long */
export const awaitAnswer = async (
  { ended, said }: Guarded,
  name: string,
  answers: () => Promise<boolean>,
  patienceMs = 60_000,
): Promise<void> => {
  const deadlineMs = systemRuntime.monotonicMs() + patienceMs;
  while (!(await answers().catch(() => false))) {
    if (ended.aborted) throw new Error(`${name} ended before it answered:\n${said()}`);
    if (systemRuntime.monotonicMs() > deadlineMs) {
      throw new Error(`${name} did not answer in ${patienceMs} ms:\n${said()}`);
    }
    await systemRuntime.sleep(50);
  }
};

/** A port of the loopback interface that nobody listens on now. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a port was asked for');
  return address.port;
};
