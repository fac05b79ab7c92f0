/** Another process that does what it is told, one message at a time. */
import { fork } from 'node:child_process';

export interface Child<Task, Result> {
  /** @throws when the process ends instead of answering */
  ask(task: Task): Promise<Result>;
  stop(): void;
}

/** @param program a file that answers each message it gets with one */
export const startChild = <Task extends object, Result>(program: URL): Child<Task, Result> => {
  const child = fork(program, { serialization: 'advanced' });
  return {
    ask: (task) =>
      new Promise((resolve, reject) => {
        const ended = (): void => reject(new Error(`${program.pathname} ended`));
        child.once('exit', ended);
        child.once('message', (result) => {
          child.off('exit', ended);
          resolve(result as Result);
        });
        child.send(task);
      }),
    stop: () => child.disconnect(),
  };
};
