/** Writes down what clients asked and were told, in the format of the checker. */
import type { Anomaly } from '../checker/anomaly.ts';
import type { Operation } from '../checker/history.ts';

export interface Recorder {
  readonly operations: Operation[];
  /** What contradicts an answer and is no matter of the log alone. */
  readonly complaints: Anomaly[];
  /** The next moment: of something that begins or ends now. */
  moment(): number;
  record(operation: Operation): void;
  complain(about: string, detail: string, operations?: readonly Operation[]): void;
}

export const makeRecorder = (): Recorder => {
  const operations: Operation[] = [];
  const complaints: Anomaly[] = [];
  let now = 0;
  return {
    operations,
    complaints,
    moment: () => ++now,
    record: (operation) => {
      operations.push(operation);
    },
    complain: (partition, detail, concerned = []) => {
      complaints.push({ partition, detail, operations: concerned });
    },
  };
};
