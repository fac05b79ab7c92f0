/** The work of `produce`: lines of an input become records of a topic, until the input ends or it is no use. */
import { StratalogError } from '../model/errors.ts';
import { systemRuntime } from '../model/runtime.ts';
import { type DeliveryReport, deliveryReport } from './delivery.ts';
import { type Input, unreadable } from './input.ts';
import type { LineMessage } from './line-message.ts';
import type { LineReader } from './line-records.ts';
import { linesOf } from './lines.ts';
import { progressLine } from './progress.ts';
import { type LineProducer, shipping } from './shipping.ts';

/** How often the progress line is drawn, ms. */
const REDRAW_MS = 100;
/** Of input that is written as a whole or not at all: a request does not hold more. */
const MAX_TOGETHER_BYTES = 8 * 1024 * 1024;

const tooMuchTogether = (): StratalogError =>
  new StratalogError(
    'RECORD_LIST_TOO_LARGE',
    `Nothing was written: with --expected-end all records go together, and the input has more than ${MAX_TOGETHER_BYTES} bytes.`,
  );

/** What it takes. */
export interface LinesToShip {
  readonly topic: string;
  /** Where all of them go; undefined: where each says, or its key. */
  readonly partition: number | undefined;
  /** Write all of them there, or none. */
  readonly expectedEnd: number | undefined;
  readonly input: Input;
  readonly reader: LineReader;
  readonly producer: LineProducer;
  /** Ends it early; what is under way is waited for. */
  readonly interruption: AbortSignal;
}

/** What became of them. */
export interface Shipped {
  readonly report: DeliveryReport;
  readonly bytesRead: number;
  /** Why the input could not be read to its end. */
  readonly unread: StratalogError | undefined;
}

const isOfSystem = (caught: unknown): caught is NodeJS.ErrnoException =>
  caught instanceof Error && 'syscall' in caught;

/** Reads and sends; a failure of lines is the report's to tell. @throws RECORD_LIST_TOO_LARGE */
export const shipLines = async (work: LinesToShip): Promise<Shipped> => {
  const { topic, partition, expectedEnd, input, reader, producer, interruption } = work;
  const progress = progressLine(systemRuntime, input);
  const report = deliveryReport(progress.stop);
  const harbour = shipping(producer, topic, partition, report);
  let bytesRead = 0;
  let unread: StratalogError | undefined;
  /** What goes together or not at all is held until the input ends. */
  const together: { lines: number[]; messages: LineMessage[] } = { lines: [], messages: [] };

  async function* counted() {
    for await (const chunk of input.chunks(interruption)) {
      bytesRead += chunk.length;
      yield chunk;
    }
  }
  const readAll = async () => {
    let before = 0;
    for await (const lines of linesOf(counted(), reader.maxLineBytes)) {
      const now = systemRuntime.now();
      const cargo =
        expectedEnd === undefined
          ? { lines: [] as number[], messages: [] as LineMessage[] }
          : together;
      for (const { number, bytes } of lines) {
        try {
          const message = reader.read(bytes, now);
          if (message === undefined) continue;
          cargo.lines.push(number);
          cargo.messages.push(message);
        } catch (caught) {
          if (!(caught instanceof StratalogError)) throw caught;
          report.failed([number], caught);
        }
      }
      if (expectedEnd === undefined) {
        const room = harbour.ship({ ...cargo, sizeBytes: bytesRead - before });
        if (room !== undefined) await room;
      } else if (bytesRead > MAX_TOGETHER_BYTES) throw tooMuchTogether();
      before = bytesRead;
      if (report.stop !== undefined || interruption.aborted) return;
    }
  };

  const stopDrawing = systemRuntime.every(REDRAW_MS, () =>
    progress.update(bytesRead, report.records),
  );
  try {
    await readAll().catch((caught: unknown) => {
      if (interruption.aborted) return;
      if (!isOfSystem(caught)) throw caught;
      unread = unreadable(input.name, caught);
    });
    const isWhole = unread === undefined && !interruption.aborted && !report.hasFailures;
    if (isWhole) await harbour.ship({ ...together, sizeBytes: bytesRead }, expectedEnd);
    else report.heldBack(together.lines);
    await harbour.settled();
  } finally {
    stopDrawing();
    progress.stop();
  }
  return { report, bytesRead, unread };
};
