/**
 * `stratalog produce TOPIC`: one record a line, from a file or standard input.
 *
 *   input → lines → key, value → partition → outbox → service
 *
 * A line that cannot be a record is told by its number and the others go on; when the service itself
 * fails, reading stops, and what is under way is waited for.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { Command } from 'commander';
import type { TopicDescription } from '../../client/topics.ts';
import { StratalogError } from '../../model/errors.ts';
import { DEFAULT_MAX_BATCH_BYTES } from '../../model/limits.ts';
import { systemRuntime } from '../../model/runtime.ts';
import { RECORDS_AT } from '../../record/layout.ts';
import { partitionForKey, stickyPartitioner } from '../../record/partitioner.ts';
import type { RecordInput } from '../../record/record.ts';
import { deliveryReport } from '../delivery.ts';
import { fail, reading, run } from '../failure.ts';
import { type Line, linesOf } from '../lines.ts';
import {
  adminFor,
  type CommonOptions,
  clientFor,
  notEmpty,
  wholeNumber,
  withCommonOptions,
} from '../options.ts';
import { type Outbox, outbox } from '../outbox.ts';
import { progressLine } from '../progress.ts';

/** A slow input is sent on after this long. */
const LINGER_MS = 100;
const READ_BYTES = 256 * 1024;
/** What a record without headers takes in a batch besides its key and value, at most. */
const RECORD_OVERHEAD_BYTES = 40;

interface ProduceOptions extends CommonOptions {
  readonly file?: string;
  readonly keySeparator?: string;
  readonly partition?: number;
}

const maxBatchBytesOf = ({ configs }: TopicDescription): number =>
  Number(
    configs.find(({ name }) => name === 'max.message.bytes')?.value ?? DEFAULT_MAX_BATCH_BYTES,
  );

interface Input {
  readonly chunks: Readable;
  readonly totalBytes: number | undefined;
}

const inputOf = async (file: string | undefined): Promise<Input> => {
  if (file === undefined || file === '-') return { chunks: process.stdin, totalBytes: undefined };
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw new StratalogError('INVALID_REQUEST', `Cannot read ${file}: ${error.code}.`);
  });
  if (found.isDirectory()) {
    throw new StratalogError('INVALID_REQUEST', `Cannot read ${file}: it is a directory.`);
  }
  return {
    chunks: createReadStream(file, { highWaterMark: READ_BYTES }),
    totalBytes: found.isFile() ? found.size : undefined,
  };
};

/** @throws INVALID_RECORD when the line has no key where one is expected */
const recordOf = (
  bytes: Uint8Array,
  separator: Buffer | undefined,
  timestamp: number,
): RecordInput => {
  if (separator === undefined) return { value: bytes, timestamp };
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(separator);
  if (at < 0) {
    throw new StratalogError(
      'INVALID_RECORD',
      `there is no ${JSON.stringify(separator.toString())} in it to end the key.`,
    );
  }
  return { key: bytes.subarray(0, at), value: bytes.subarray(at + separator.length), timestamp };
};

/** Where records go: as told, by their key, or to one partition for as long as a batch lasts. */
const partitionChooser = (partitions: number, fixed: number | undefined, box: Outbox) => {
  const sticky = stickyPartitioner(systemRuntime);
  return (record: RecordInput): number => {
    if (fixed !== undefined) return fixed;
    if (record.key) return partitionForKey(record.key, partitions);
    if (box.isFullFor(sticky.current(partitions), record)) sticky.moveOn(partitions);
    return sticky.current(partitions);
  };
};

/** Ends with 128 and the signal's number, as shells have it. A second signal ends the process at once. */
const untilSignal = (): AbortSignal => {
  const stop = new AbortController();
  for (const [name, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
  ] as const) {
    process.once(name, () => {
      process.exitCode = 128 + number;
      stop.abort();
    });
  }
  return stop.signal;
};

const produce = async (topic: string, options: ProduceOptions): Promise<void> => {
  const client = clientFor(options);
  const description = await reading(() => adminFor(options).describeTopic(topic));
  const partitions = description.partitions.length;
  if (options.partition !== undefined && options.partition >= partitions) {
    throw new StratalogError(
      'UNKNOWN_TOPIC_OR_PARTITION',
      `Topic ${topic} has no partition ${options.partition}; it has ${partitions}, numbered from 0.`,
    );
  }
  const maxBatchBytes = maxBatchBytesOf(description);
  const maxLineBytes = maxBatchBytes - RECORDS_AT - RECORD_OVERHEAD_BYTES;
  const { chunks, totalBytes } = await inputOf(options.file);
  const interruption = untilSignal();
  addAbortSignal(interruption, chunks);
  const separator =
    options.keySeparator === undefined ? undefined : Buffer.from(options.keySeparator);

  const startedMs = systemRuntime.monotonicMs();
  const progress = progressLine(systemRuntime, totalBytes);
  const report = deliveryReport(progress.stop);
  const box = outbox(client, topic, maxBatchBytes, report);
  const partitionOf = partitionChooser(partitions, options.partition, box);
  let bytesRead = 0;

  async function* counted() {
    for await (const chunk of chunks) {
      bytesRead += chunk.length;
      progress.update(bytesRead, report.records);
      yield chunk;
    }
  }
  const add = ({ number, bytes }: Line, timestamp: number): Promise<void> | undefined => {
    try {
      if (bytes === undefined) {
        throw new StratalogError(
          'MESSAGE_TOO_LARGE',
          `it is longer than ${maxLineBytes} bytes, the largest record that the topic takes (max.message.bytes).`,
        );
      }
      const record = recordOf(bytes, separator, timestamp);
      return box.add(partitionOf(record), record, number);
    } catch (caught) {
      if (!(caught instanceof StratalogError)) throw caught;
      report.failed([number], caught);
      return undefined;
    }
  };

  const readAll = async () => {
    for await (const lines of linesOf(counted(), maxLineBytes)) {
      const now = systemRuntime.now();
      for (const line of lines) {
        const room = add(line, now);
        if (room !== undefined) await room;
        if (report.stop !== undefined || interruption.aborted) return;
      }
    }
  };

  const stopFlushing = systemRuntime.every(LINGER_MS, box.flush);
  try {
    await readAll().catch((caught: unknown) => {
      if (!interruption.aborted) throw caught;
    });
    if (report.stop !== undefined) box.abandon(report.stop);
    await box.settled();
  } finally {
    stopFlushing();
    progress.stop();
  }
  const durationMs = Math.round(systemRuntime.monotonicMs() - startedMs);
  const interrupted = interruption.aborted;
  const code = process.exitCode;
  try {
    report.finish({ topic, bytesRead, durationMs, interrupted, json: options.json });
  } catch (caught) {
    if (!interrupted) throw caught;
    fail(caught, options.json, 'told');
    process.exitCode = code;
  }
};

export const produceCommand = (): Command =>
  withCommonOptions(new Command('produce'))
    .summary('write records, one a line')
    .description(
      'Writes one record for each line of a file or of standard input. Lines with the same key keep their order.',
    )
    .argument('<topic>', 'the topic to write to')
    .option('--file <path>', 'read this file instead of standard input', notEmpty)
    .option(
      '--key-separator <text>',
      'what comes before the first one in a line is the key',
      notEmpty,
    )
    .option('--partition <n>', 'write to this partition, whatever the key', wholeNumber(0))
    .addHelpText(
      'after',
      `
A line ends with \\n, which is not part of the record; a \\r before it is. An empty line is an empty record.

Examples:
  $ echo 'hello' | stratalog produce greetings
  $ stratalog produce orders --file orders.txt --key-separator ':'
  $ tail -f app.log | stratalog produce logs --partition 0

A line that cannot be written is told by its number, the others are written; the exit code is then 5.`,
    )
    .action(run(produce, 'told'));
