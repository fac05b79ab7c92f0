/** Clients of the service while it is about to be killed: producers that keep a history, and a reader. */
import type { History } from './history.ts';
import { idOf, valueFor } from './value.ts';

/** A whole number in [from, to], by the seed. */
export type Draw = (from: number, to: number) => number;

/** A topic of a service that is up. */
export interface Target {
  readonly url: string;
  /** Aborts when the service has ended. */
  readonly ended: AbortSignal;
  readonly topic: string;
  readonly partitions: number;
}

interface RecordAnswer {
  readonly partition: number;
  readonly offset?: number;
  readonly error?: { readonly effect: 'none' | 'unknown' };
}

/** 200: one answer per record; else nothing was written, and this is the problem of the first one. */
interface ProduceAnswer {
  readonly records: readonly RecordAnswer[];
  readonly effect: 'none' | 'unknown';
}

interface FetchAnswer {
  readonly records: readonly {
    readonly partition: number;
    readonly offset: number;
    readonly value: string;
  }[];
  readonly nextOffset: number;
  readonly highWatermark: number;
}

/** Half of the requests stay in the head of a partition, the rest are large enough for objects. */
const drawSizes = (draw: Draw): readonly number[] => {
  const inline = draw(0, 1) === 0;
  const [count, largest] = inline ? [draw(1, 4), 160] : [draw(1, 30), 12_000];
  return Array.from({ length: count }, () => draw(20, largest));
};

/** Sends one request after the other until the service is gone. */
export const produceUntilKilled = async (
  { url, ended, topic, partitions }: Target,
  history: History,
  name: string,
  draw: Draw,
): Promise<void> => {
  for (let n = 0; !ended.aborted; ) {
    const ids: string[] = [];
    const records = drawSizes(draw).map((sizeBytes) => {
      const id = `${name}.${n++}.${sizeBytes}`;
      const partition = draw(0, partitions - 1);
      history.sent.set(id, partition);
      ids.push(id);
      return { value: valueFor(id), partition };
    });
    let answers: readonly RecordAnswer[];
    try {
      const response = await fetch(`${url}/topics/${topic}/records`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ records }),
        signal: ended,
      });
      const body = (await response.json()) as ProduceAnswer;
      answers = response.ok
        ? body.records
        : records.slice(0, 1).map(({ partition }) => ({ partition, error: body }));
    } catch {
      continue;
    }
    for (const [i, { partition, offset, error }] of answers.entries()) {
      if (offset !== undefined) history.acknowledged.set(ids[i]!, { partition, offset });
      else if (error?.effect === 'none') history.refused.add(ids[i]!);
    }
  }
};

/** One page of a partition, from `offset` on. @throws when it was not answered with 200 */
export const readPage = async (
  { url, ended, topic }: Target,
  partition: number,
  offset: number,
): Promise<FetchAnswer> => {
  const page = `${url}/topics/${topic}/partitions/${partition}/records?offset=${offset}`;
  const response = await fetch(page, { signal: ended });
  const text = await response.text();
  if (!response.ok) throw new Error(`GET ${page} was answered with ${response.status}: ${text}`);
  return JSON.parse(text);
};

/** Reads on in each partition in turn, as a consumer would, and notes what it saw. */
export const readUntilKilled = async (
  target: Target,
  history: History,
  from: readonly number[],
): Promise<void> => {
  const next = [...from];
  for (let partition = 0; !target.ended.aborted; partition = (partition + 1) % next.length) {
    let page: FetchAnswer;
    try {
      page = await readPage(target, partition, next[partition]!);
    } catch (error) {
      if (target.ended.aborted || error instanceof TypeError) return;
      throw error;
    }
    next[partition] = page.nextOffset;
    for (const { offset, value } of page.records) {
      const id = idOf(value);
      if (id === undefined) throw new Error(`${partition}@${offset} holds what nobody sent`);
      history.seen.set(id, { partition, offset });
    }
  }
};
