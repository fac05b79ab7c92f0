/** What every client of a run knows, and how a client lives: several lives, each under a name of its own. */
import type { Runtime } from '../../lib/model/runtime.ts';
import { type Draw, forked } from './draw.ts';
import { newRecorder, type Recorder } from './recorder.ts';

/** One topic of a service that comes and goes at one address. */
export interface Field {
  readonly url: string;
  readonly topic: string;
  readonly partitions: number;
  readonly recorder: Recorder;
  readonly runtime: Runtime;
  /** Aborts when nothing new is to be begun: what is under way is finished, the service is well. */
  readonly over: AbortSignal;
  /** How often each error was told, by code. */
  readonly refusals: Map<string, number>;
  /** Tells of what no fault explains. */
  surprise(what: string): void;
}

/** A field, and what is done with it from outside. */
export interface NewField {
  readonly field: Field;
  readonly over: AbortController;
  /** What was told of, each once. */
  readonly surprises: readonly string[];
}

const TOPIC = 'torture';
const PARTITIONS = 3;
/** One that repeats itself in other words would fill pages. */
const MAX_SURPRISES = 20;

export const newField = (url: string, runtime: Runtime): NewField => {
  const over = new AbortController();
  const surprises: string[] = [];
  const field: Field = {
    url,
    topic: TOPIC,
    partitions: PARTITIONS,
    recorder: newRecorder(),
    runtime,
    over: over.signal,
    refusals: new Map(),
    surprise: (what) => {
      if (surprises.length < MAX_SURPRISES && !surprises.includes(what)) surprises.push(what);
    },
  };
  return { field, over, surprises };
};

/** What a history calls a partition. */
export const partitionName = ({ topic }: Field, partition: number): string =>
  `${topic}/${partition}`;

/** Longer than it takes until the service is well again, on a busy machine too. */
export const PATIENCE_MS = 60_000;
/** Where nothing answers, or refuses, nobody asks at once again. */
const SHORTEST_RETRY_MS = 20;
const LONGEST_RETRY_MS = 80;
const LONGEST_PAUSE_MS = 40;

export const pauseBeforeRetry = ({ runtime }: Field, draw: Draw): Promise<void> =>
  runtime.sleep(draw(SHORTEST_RETRY_MS, LONGEST_RETRY_MS));

/** Between two operations of a client. */
export const pause = ({ runtime, over }: Field, draw: Draw): Promise<void> =>
  runtime.sleep(draw(0, LONGEST_PAUSE_MS), over);

/** Clients at work. Resolves when all is over, and each has finished what was under way. */
export type Crowd = (field: Field, draw: Draw) => Promise<void>;

/** One process: does its work until it dies, or all is over. */
export type Life = (field: Field, process: string, draw: Draw) => Promise<void>;

/** One life after the other, each begun with nothing of what the last one knew. */
export const liveOn = async (
  field: Field,
  client: string,
  draw: Draw,
  life: Life,
): Promise<void> => {
  const { recorder, over } = field;
  for (let n = 0; !over.aborted; n++) {
    const process = `${client}.${n}`;
    try {
      await life(field, process, forked(draw));
    } catch (error) {
      field.surprise(`${process}: ${error instanceof Error ? error.stack : String(error)}`);
      return;
    }
    recorder.add({ process, invokedAt: recorder.tick(), outcome: 'ok', kind: 'crash' });
  }
};
