/**
 * Watched: a thread that runs inputs, and a watch over it.
 *
 *   thread   ── 41 ── 42 ── 43 ─────────────────────✗      ended; a new one goes on
 *   watch       ·     ·     ·  no new input for limitMs     "43 hangs"
 *
 * A thread that dies (out of memory, an error that nothing caught) says as much of the input it was at.
 */
import { Worker } from 'node:worker_threads';
import { systemRuntime } from '../../lib/model/runtime.ts';
import type { Fault } from './inputs.ts';
import { type AnswerTo, BEGUN, type Task } from './worker.ts';

/** The thread was lost at an input. */
export interface Lost {
  readonly lostAt: number;
  readonly fault: Fault;
}

export interface Watched {
  /** @param patience how many times the limit an input may take */
  ask<K extends Task['kind']>(
    task: Task & { readonly kind: K },
    patience?: number,
  ): Promise<AnswerTo<K> | Lost>;
  close(): Promise<void>;
}

/** The heap of a thread, MiB: what no input may fill. */
const HEAP_MB = 768;
/** Loading a target's code is nobody's hang. */
const LOADING_MS = 30_000;

const program = new URL('./worker.ts', import.meta.url);

/** Whether what was asked for was answered, or the thread was lost. */
export const isLost = (answer: unknown): answer is Lost =>
  typeof answer === 'object' && answer !== null && 'lostAt' in answer;

const lossOf = (error: Error & { readonly code?: string }): Omit<Fault, 'detail'> =>
  error.code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? { kind: 'memory', signature: `memory: more than ${HEAP_MB} MiB of heap` }
    : { kind: 'crash', signature: `uncaught ${error.name}: ${error.message.split('\n')[0]}` };

/** A thread, and who waits for it. What it dies of while nobody waits is told to the next who asks. */
interface Thread {
  readonly worker: Worker;
  answered: (answer: unknown) => void;
  died: (fault: Fault) => void;
}

/** @param limitMs how long one input may take */
export const watched = (limitMs: number): Watched => {
  const begun = new Int32Array(new SharedArrayBuffer(8));
  let thread: Thread | undefined;
  let diedOf: Fault | undefined;

  const start = (): Thread => {
    const worker = new Worker(program, {
      workerData: begun,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    const nobodyWaits = (fault: Fault): void => {
      diedOf ??= fault;
    };
    const own: Thread = { worker, answered: () => undefined, died: nobodyWaits };
    worker.on('message', (answer) => own.answered(answer));
    worker.on('error', (error) =>
      own.died({ ...lossOf(error), detail: error.stack ?? error.message }),
    );
    worker.on('exit', (code) => {
      const told = `the thread ended with ${code}`;
      if (thread === own) own.died({ kind: 'crash', signature: told, detail: told });
    });
    return own;
  };

  const drop = async (): Promise<void> => {
    const gone = thread;
    thread = undefined;
    await gone?.worker.terminate();
    diedOf = undefined;
  };

  return {
    ask: async <K extends Task['kind']>(task: Task & { readonly kind: K }, patience = 1) => {
      thread ??= start();
      const asked = thread;
      const before = Atomics.load(begun, BEGUN.count);
      let [count, sinceMs] = [before, systemRuntime.monotonicMs()];
      const answer = await new Promise<AnswerTo<K> | Lost>((resolve) => {
        const done = (told: AnswerTo<K> | Lost): void => {
          stop();
          resolve(told);
        };
        const lose = (fault: Fault): void =>
          done({ lostAt: Atomics.load(begun, BEGUN.index), fault });
        const look = (): void => {
          const now = systemRuntime.monotonicMs();
          const seen = Atomics.load(begun, BEGUN.count);
          if (seen !== count) [count, sinceMs] = [seen, now];
          const waitedMs = Math.round(now - sinceMs);
          if (waitedMs < (seen === before ? LOADING_MS : limitMs * patience)) return;
          lose({ kind: 'hang', signature: 'hang', detail: `not done after ${waitedMs} ms` });
        };
        const stop = systemRuntime.every(Math.min(100, limitMs / 4), look);
        asked.answered = (told) => done(told as AnswerTo<K>);
        asked.died = lose;
        if (diedOf === undefined) asked.worker.postMessage(task);
        else asked.died(diedOf);
      });
      asked.answered = () => undefined;
      asked.died = (fault) => {
        diedOf ??= fault;
      };
      if (isLost(answer)) await drop();
      return answer;
    },
    close: drop,
  };
};
