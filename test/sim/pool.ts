/**
 * Jobs over worker threads, each thread one job at a time.
 *
 *   run(job) ─► waiting ─► an idle thread ─► answered                         told: 'answer'
 *                              │ threw                                        told: 'failure'
 *                              │ the thread died, another takes its place     told: 'death'
 *                              └ not done in time: ended, another …           told: 'nothing'
 *
 * A file that works calls `serve`.
 */
import { parentPort, Worker } from 'node:worker_threads';
import type { Runtime } from '../../lib/model/runtime.ts';

/** What became of a job. */
export type Outcome<Answer> =
  | { readonly told: 'answer'; readonly answer: Answer }
  | { readonly told: 'failure' | 'death' | 'nothing'; readonly why: string };

export interface PoolOptions {
  /** The program of the threads; it calls `serve`. */
  readonly program: URL;
  readonly threads: number;
  /** The longest that a job may take, ms of real time. */
  readonly patienceMs: number;
  readonly runtime: Runtime;
}

export interface Pool<Job, Answer> {
  readonly threads: number;
  /** Never rejects. */
  run(job: Job): Promise<Outcome<Answer>>;
  /** Ends all threads; what is under way dies. */
  stop(): Promise<void>;
}

interface Task<Job, Answer> {
  readonly job: Job;
  tell(outcome: Outcome<Answer>): void;
}

interface Thread<Job, Answer> {
  readonly worker: Worker;
  task: Task<Job, Answer> | undefined;
  /** Ends the wait for its task. */
  over: AbortController | undefined;
}

export const startPool = <Job, Answer>(options: PoolOptions): Pool<Job, Answer> => {
  const { program, patienceMs, runtime } = options;
  const waiting: Task<Job, Answer>[] = [];
  const threads = new Set<Thread<Job, Answer>>();
  let stopped = false;

  const start = (): void => {
    const worker = new Worker(program);
    const thread: Thread<Job, Answer> = { worker, task: undefined, over: undefined };
    threads.add(thread);
    worker.on('message', (outcome: Outcome<Answer>) => {
      settle(thread, outcome);
      next(thread);
    });
    let diedOf = 'its thread ended';
    worker.on('error', (error) => {
      diedOf = error instanceof Error ? (error.stack ?? error.message) : String(error);
    });
    worker.on('exit', () => {
      threads.delete(thread);
      settle(thread, { told: 'death', why: diedOf });
      if (!stopped && waiting.length > 0) start();
    });
    next(thread);
  };

  const settle = (thread: Thread<Job, Answer>, outcome: Outcome<Answer>): void => {
    thread.over?.abort();
    thread.task?.tell(outcome);
    thread.task = undefined;
  };

  const next = (thread: Thread<Job, Answer>): void => {
    const task = waiting.shift();
    if (task === undefined) {
      thread.worker.unref();
      return;
    }
    const over = new AbortController();
    thread.task = task;
    thread.over = over;
    thread.worker.ref();
    thread.worker.postMessage(task.job);
    void runtime.sleep(patienceMs, over.signal).then(() => {
      if (over.signal.aborted) return;
      // Nobody gives it anything to do while it ends.
      threads.delete(thread);
      settle(thread, { told: 'nothing', why: `it was not done after ${patienceMs / 1000} s` });
      void thread.worker.terminate();
    });
  };

  return {
    threads: options.threads,
    run: (job) =>
      new Promise((resolve) => {
        waiting.push({ job, tell: resolve });
        const idle = [...threads].find(({ task }) => task === undefined);
        if (idle !== undefined) next(idle);
        else if (threads.size < options.threads) start();
      }),
    stop: async () => {
      stopped = true;
      await Promise.all([...threads].map(({ worker }) => worker.terminate()));
    },
  };
};

/** Answers the jobs that this thread is given. */
export const serve = <Job, Answer>(work: (job: Job) => Promise<Answer>): void => {
  const port = parentPort!;
  port.on('message', async (job: Job) => {
    let outcome: Outcome<Answer>;
    try {
      outcome = { told: 'answer', answer: await work(job) };
    } catch (error) {
      const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
      outcome = { told: 'failure', why };
    }
    port.postMessage(outcome);
  });
};

/** Runs `jobs`, taken one by one as threads come free, and tells what became of each. */
export const runAll = async <Job, Answer>(
  pool: Pool<Job, Answer>,
  jobs: Iterable<Job>,
  tell: (job: Job, outcome: Outcome<Answer>) => void,
): Promise<void> => {
  const shared = jobs[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: pool.threads }, async () => {
      for (let one = shared.next(); !one.done; one = shared.next()) {
        tell(one.value, await pool.run(one.value));
      }
    }),
  );
};
