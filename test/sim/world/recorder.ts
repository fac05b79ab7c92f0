/** Writes down what clients asked and were told, in the format of the checker. */
import type { Anomaly } from '../checker/anomaly.ts';
import type { Operation } from '../checker/history.ts';

/** What contradicts an answer and is no matter of the log alone. */
export interface Complaint extends Anomaly {
  /** Who complains. */
  readonly by: string;
}

export interface Recorder {
  readonly operations: Operation[];
  readonly complaints: Complaint[];
  /** The next moment: of something that begins or ends now. */
  moment(): number;
  record(operation: Operation): void;
  complain(about: string, detail: string, operations?: readonly Operation[]): void;
}

/** `recorder`, in the hands of another, who complains under a name of their own. */
export const inNameOf = (by: string, recorder: Recorder): Recorder => ({
  ...recorder,
  complain: (partition, detail, concerned = []) => {
    recorder.complaints.push({ by, partition, detail, operations: concerned });
  },
});

export const makeRecorder = (): Recorder => {
  const operations: Operation[] = [];
  const complaints: Complaint[] = [];
  let now = 0;
  return {
    operations,
    complaints,
    moment: () => ++now,
    record: (operation) => {
      operations.push(operation);
    },
    complain: (partition, detail, concerned = []) => {
      complaints.push({ by: 'the simulation', partition, detail, operations: concerned });
    },
  };
};
