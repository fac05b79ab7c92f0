/**
 * The thread that runs inputs. It may hang or die: `watched.ts` sees to that.
 *
 *   main ── Task ──► here ── Answer ──► main          begun: how many inputs were begun, and the last one's index
 */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { thawed } from './frozen.ts';
import { judge, runInputs, type Tally, type Verdict } from './inputs.ts';
import { targetNamed } from './targets.ts';

export type Task =
  | {
      readonly kind: 'inputs';
      readonly target: string;
      readonly seed: number;
      readonly from: number;
      readonly to: number;
      readonly forMs: number;
    }
  | { readonly kind: 'one'; readonly target: string; readonly input: string }
  /** What is held after a collection, bytes. */
  | { readonly kind: 'heap' };

export type AnswerTo<T extends Task['kind']> = {
  readonly inputs: Tally;
  readonly one: Verdict;
  readonly heap: number;
}[T];

/** Words of the shared memory. */
export const BEGUN = { count: 0, index: 1 } as const;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** One collection leaves buffers behind that the next one frees: some 30 MiB after a bomb. */
const heldBytes = (): number => {
  collectGarbage();
  collectGarbage();
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
};

if (parentPort !== null) {
  const port = parentPort;
  const begun = workerData as Int32Array;
  const begin = (index: number): void => {
    Atomics.store(begun, BEGUN.index, index);
    Atomics.add(begun, BEGUN.count, 1);
  };
  const answer = async (task: Task): Promise<AnswerTo<Task['kind']>> => {
    if (task.kind === 'heap') return heldBytes();
    const target = await targetNamed(task.target);
    if (task.kind === 'inputs') return runInputs(target, task, begin);
    begin(0);
    return judge(target, thawed(task.input));
  };
  port.on('message', (task: Task) => {
    void answer(task).then((told) => port.postMessage(told));
  });
}
