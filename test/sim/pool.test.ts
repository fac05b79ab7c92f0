/** The pool: what becomes of jobs that throw, die, or never end. */
import { afterAll, describe, expect, it } from 'vitest';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { runAll, startPool } from './pool.ts';

const program = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { serve } from ${JSON.stringify(new URL('./pool.ts', import.meta.url).href)};
    serve(async (job) => {
      if (job === 'throw') throw new Error('it did not like that');
      if (job === 'exit') process.exit();
      if (job === 'reject') Promise.reject(new Error('nobody heard that'));
      if (job === 'reject' || job === 'wait') return new Promise(() => {});
      if (job === 'spin') for (;;);
      return job * 2;
    });`)}`,
);

const pool = startPool<unknown, number>({
  program,
  threads: 2,
  patienceMs: 1_500,
  runtime: systemRuntime,
});
afterAll(() => pool.stop());

describe('the pool', () => {
  it('answers every job, also after threads have died', async () => {
    const jobs = [1, 'throw', 2, 'exit', 'reject', 3, 'spin', 4, 'wait', 5];
    const told = new Map<unknown, unknown>();
    await runAll(pool, jobs, (job, outcome) => told.set(job, outcome));
    for (const n of [1, 2, 3, 4, 5]) expect(told.get(n)).toEqual({ told: 'answer', answer: n * 2 });
    expect(told.get('throw')).toMatchObject({
      told: 'failure',
      why: expect.stringContaining('it did not like that'),
    });
    expect(told.get('exit')).toEqual({ told: 'death', why: 'its thread ended' });
    expect(told.get('reject')).toMatchObject({
      told: 'death',
      why: expect.stringContaining('nobody heard that'),
    });
    const late = { told: 'nothing', why: 'it was not done after 1.5 s' };
    expect(told.get('spin')).toEqual(late);
    expect(told.get('wait')).toEqual(late);
  });
});
