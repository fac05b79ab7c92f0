/** A progress line on standard error, drawn only where a person looks at it: a terminal. */
import { SingleBar } from 'cli-progress';
import type { Runtime } from '../model/runtime.ts';
import type { Input } from './input.ts';
import { countOf, countText } from './quantities.ts';

export interface Progress {
  /** @param bytesRead of the input; @param records written so far */
  update(bytesRead: number, records: number): void;
  stop(): void;
}

const NONE: Progress = { update: () => {}, stop: () => {} };

const WITH_TOTAL = '{bar} {percentage}% | {records} | {rate}/s | {eta_formatted} left';
const WITHOUT_TOTAL = '{records} | {rate}/s';

/** None where the input is typed: it would be drawn over what is being written. */
export const progressLine = (
  runtime: Runtime,
  { totalBytes, isTyped }: Pick<Input, 'totalBytes' | 'isTyped'>,
): Progress => {
  if (!process.stderr.isTTY) return NONE;
  if (isTyped) {
    process.stderr.write('One record a line; Ctrl-D ends.\n');
    return NONE;
  }
  const bar = new SingleBar({
    format: totalBytes === undefined ? WITHOUT_TOTAL : WITH_TOTAL,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    barsize: 24,
    etaBuffer: 50,
  });
  const startedMs = runtime.monotonicMs();
  bar.start(totalBytes ?? 0, 0, { records: countOf(0, 'record'), rate: 0 });
  return {
    update: (bytesRead, records) => {
      const seconds = Math.max(runtime.monotonicMs() - startedMs, 1) / 1000;
      bar.update(bytesRead, {
        records: countOf(records, 'record'),
        rate: countText(Math.round(records / seconds)),
      });
    },
    stop: () => bar.stop(),
  };
};
