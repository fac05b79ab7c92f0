/** A progress line on standard error, drawn only where a person looks at it: a terminal. */
import { SingleBar } from 'cli-progress';
import type { Runtime } from '../model/runtime.ts';
import { countText } from './quantities.ts';

export interface Progress {
  /** @param bytesRead of the input; @param records written so far */
  update(bytesRead: number, records: number): void;
  stop(): void;
}

const NONE: Progress = { update: () => {}, stop: () => {} };

const WITH_TOTAL = '{bar} {percentage}% | {records} records | {rate}/s | {eta_formatted} left';
const WITHOUT_TOTAL = '{records} records | {rate}/s';

/** @param totalBytes of the input; undefined where nobody knows (a pipe) */
export const progressLine = (runtime: Runtime, totalBytes: number | undefined): Progress => {
  if (!process.stderr.isTTY) return NONE;
  const bar = new SingleBar({
    format: totalBytes === undefined ? WITHOUT_TOTAL : WITH_TOTAL,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    barsize: 24,
    etaBuffer: 50,
  });
  const startedMs = runtime.monotonicMs();
  bar.start(totalBytes ?? 0, 0, { records: 0, rate: 0 });
  return {
    update: (bytesRead, records) => {
      const seconds = Math.max(runtime.monotonicMs() - startedMs, 1) / 1000;
      bar.update(bytesRead, {
        records: countText(records),
        rate: countText(Math.round(records / seconds)),
      });
    },
    stop: () => bar.stop(),
  };
};
