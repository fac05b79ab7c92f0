/**
 * `stratalog produce TOPIC`: one record a line, from a file or standard input.
 *
 *   input → lines → records → producer → service
 *
 * A line that cannot be a record is told by its number and the others go on; when the service itself
 * fails, reading stops, and what is under way is waited for.
 */
import { Command, Option } from 'commander';
import { createProducer } from '../../client/producer/producer.ts';
import { bytes } from '../../client/serde.ts';
import type { TopicDescription } from '../../client/topics.ts';
import { StratalogError } from '../../model/errors.ts';
import { DEFAULT_MAX_BATCH_BYTES, MAX_BATCH_BYTES } from '../../model/limits.ts';
import { systemRuntime } from '../../model/runtime.ts';
import { COMPRESSIONS, type Compression } from '../../record/layout.ts';
import type { RecordHeader } from '../../record/record.ts';
import { deliveryReport } from '../delivery.ts';
import { fail, reading, run } from '../failure.ts';
import { type Input, openInput, unreadable } from '../input.ts';
import { type LineMessage, lineReader } from '../line-records.ts';
import { linesOf } from '../lines.ts';
import {
  adminFor,
  type CommonOptions,
  collectHeader,
  notEmpty,
  wholeNumber,
  withCommonOptions,
} from '../options.ts';
import { chosenPartitions } from '../partitions.ts';
import { progressLine } from '../progress.ts';
import { shipping } from '../shipping.ts';
import { untilSignal } from '../signals.ts';

/** How often the progress line is drawn, ms. */
const REDRAW_MS = 100;
/** How long a record is tried, ms: longer than the service takes to start again. */
const DELIVERY_TIMEOUT_MS = 20_000;
const MIN_BATCH_BYTES = 1024;
/** Of input that is written as a whole or not at all: a request does not hold more. */
const MAX_TOGETHER_BYTES = 8 * 1024 * 1024;

const tooMuchTogether = (): StratalogError =>
  new StratalogError(
    'RECORD_LIST_TOO_LARGE',
    `Nothing was written: with --expected-end all records go together, and the input has more than ${MAX_TOGETHER_BYTES} bytes.`,
  );

interface ProduceOptions extends CommonOptions {
  readonly file?: string;
  readonly input: 'text' | 'json';
  readonly keySeparator?: string;
  readonly partition?: number;
  readonly headers?: readonly RecordHeader[];
  readonly batchBytes?: number;
  readonly compression: Compression;
  readonly idempotent: boolean;
  readonly expectedEnd?: number;
}

const maxBatchBytesOf = ({ configs }: TopicDescription): number =>
  Number(
    configs.find(({ name }) => name === 'max.message.bytes')?.value ?? DEFAULT_MAX_BATCH_BYTES,
  );

/** @throws INVALID_REQUEST */
const refuseContradictions = ({ input, keySeparator }: ProduceOptions): void => {
  if (input === 'text' || keySeparator === undefined) return;
  throw new StratalogError(
    'INVALID_REQUEST',
    '--key-separator is about lines of text; with --input json the key is the field "key".',
  );
};

const producerFor = ({ endpoint, batchBytes, compression, idempotent }: ProduceOptions) =>
  createProducer<Uint8Array, Uint8Array>({
    endpoint,
    compression,
    idempotent,
    key: bytes,
    value: bytes,
    deliveryTimeoutMs: DELIVERY_TIMEOUT_MS,
    ...(batchBytes === undefined ? {} : { batchBytes }),
  });

/** What reading one input takes. */
interface Work {
  readonly topic: string;
  readonly description: TopicDescription;
  readonly input: Input;
  readonly options: ProduceOptions;
  readonly interruption: AbortSignal;
}

/** Reads and sends until the input ends, or it is no use to go on; the report knows the rest. */
const ship = async ({ topic, description, input, options, interruption }: Work) => {
  const { expectedEnd, partition, keySeparator, headers = [] } = options;
  const progress = progressLine(systemRuntime, input.totalBytes);
  const report = deliveryReport(progress.stop);
  const harbour = shipping(producerFor(options), topic, partition, report);
  const reader = await lineReader({
    input: options.input,
    keySeparator,
    partition,
    headers,
    partitions: description.partitions.length,
    maxBatchBytes: maxBatchBytesOf(description),
  });
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
      if (caught instanceof StratalogError) throw caught;
      unread = unreadable(input.name, caught as NodeJS.ErrnoException);
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

const produce = async (topic: string, options: ProduceOptions): Promise<void> => {
  refuseContradictions(options);
  const description = await reading(() => adminFor(options).describeTopic(topic));
  chosenPartitions(description, options.partition);
  const input = await openInput(options.file);
  // Shells have it so: 128 and the signal's number.
  const interruption = untilSignal((number) => {
    process.exitCode = 128 + number;
  });
  const startedMs = systemRuntime.monotonicMs();
  const { report, ...read } = await ship({ topic, description, input, options, interruption });
  const durationMs = Math.round(systemRuntime.monotonicMs() - startedMs);
  const interrupted = interruption.aborted;
  const code = process.exitCode;
  try {
    report.finish({ topic, durationMs, interrupted, json: options.json, ...read });
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
    .addOption(
      new Option('--input <form>', 'what a line is: the value, or a record in JSON')
        .choices(['text', 'json'])
        .default('text'),
    )
    .option(
      '--key-separator <text>',
      'what comes before the first one in a line is the key',
      notEmpty,
    )
    .option('--headers <name=value>', 'a header for all records; may be repeated', collectHeader)
    .option('--partition <n>', 'write to this partition, whatever the key', wholeNumber(0))
    .addOption(
      new Option('--compression <codec>', 'of record batches')
        .choices(COMPRESSIONS)
        .default('none'),
    )
    .option(
      '--batch-bytes <n>',
      'what a batch has at most, uncompressed (default: 1 MiB, or what the topic takes)',
      wholeNumber(MIN_BATCH_BYTES, MAX_BATCH_BYTES),
    )
    .option('--idempotent', 'write each record once, however often it must be sent', true)
    .option('--no-idempotent', 'send again only what was certainly not written')
    .option(
      '--expected-end <offset>',
      'write all records, or none: only if their partition ends there',
      wholeNumber(0),
    )
    .addHelpText('after', HELP)
    .action(run(produce, 'told'));

const HELP = `
A line ends with \\n, which is not part of the record; a \\r before it is. An empty line is an empty record.

With --input json a line is a record as the HTTP API has it; empty lines are passed over:
  {"key": "a", "value": {"json": {"n": 1}}, "headers": {"source": "web"}, "timestamp": 1795253400000, "partition": 0}
Bytes are a string, {"base64": "…"} or {"json": …}. All but the value may be left out. What consume --json
prints is taken as well; its topic and offset are passed over.

Examples:
  $ echo 'hello' | stratalog produce greetings
  $ stratalog produce orders --file orders.txt --key-separator ':'
  $ tail -f app.log | stratalog produce logs --partition 0 --headers host=web-1
  $ stratalog consume orders --json | stratalog produce copy --input json --compression zstd
  $ echo '{"value": "shipped"}' | stratalog produce order-7 --input json --expected-end 3

A line that cannot be written is told by its number, the others are written; the exit code is then 5.
With --expected-end none is written then; if the partition ends elsewhere, the exit code is 4.`;
