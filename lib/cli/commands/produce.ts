/**
 * `stratalog produce TOPIC`: one record a line, from a file or standard input.
 *
 *   input → lines → records → producer → service
 *
 * A line that cannot be a record is told by its number and the others go on; when the service itself
 * fails, reading stops, and what is under way is waited for.
 */
import { Command, Option } from 'commander';
import { createAdmin } from '../../client/admin.ts';
import { createProducer } from '../../client/producer/producer.ts';
import { bytes } from '../../client/serde.ts';
import type { TopicDescription } from '../../client/topics.ts';
import { StratalogError } from '../../model/errors.ts';
import { DEFAULT_MAX_BATCH_BYTES, MAX_BATCH_BYTES } from '../../model/limits.ts';
import { systemRuntime } from '../../model/runtime.ts';
import { COMPRESSIONS, type Compression } from '../../record/layout.ts';
import type { RecordHeader } from '../../record/record.ts';
import { fail, reading, run } from '../failure.ts';
import { openInput } from '../input.ts';
import { lineReader } from '../line-records.ts';
import {
  type CommonOptions,
  collectHeader,
  notEmpty,
  wholeNumber,
  withCommonOptions,
} from '../options.ts';
import { chosenPartitions } from '../partitions.ts';
import { type Service, serviceOf } from '../service.ts';
import { shipLines } from '../ship-lines.ts';
import { untilSignal } from '../signals.ts';

/** How long a record is tried, ms: longer than the service takes to start again. */
const DELIVERY_TIMEOUT_MS = 20_000;
const MIN_BATCH_BYTES = 1024;
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

/** Lines without keys go anywhere, and an expected end is that of one partition. @throws INVALID_REQUEST */
const refuseManyPartitions = (
  { name, partitions }: TopicDescription,
  { input, keySeparator, partition, expectedEnd }: ProduceOptions,
): void => {
  const canHaveKeys = input === 'json' || keySeparator !== undefined;
  if (expectedEnd === undefined || partition !== undefined || canHaveKeys) return;
  if (partitions.length === 1) return;
  throw new StratalogError(
    'INVALID_REQUEST',
    `--expected-end is about one partition, and ${name} has ${partitions.length}: choose it with --partition.`,
    { context: { topic: name, partitions: partitions.length } },
  );
};

const producerFor = (service: Service, { batchBytes, compression, idempotent }: ProduceOptions) =>
  createProducer<Uint8Array, Uint8Array>({
    ...service,
    compression,
    idempotent,
    key: bytes,
    value: bytes,
    deliveryTimeoutMs: DELIVERY_TIMEOUT_MS,
    ...(batchBytes === undefined ? {} : { batchBytes }),
  });

const readerFor = (
  description: TopicDescription,
  { input, keySeparator, partition, headers = [] }: ProduceOptions,
) =>
  lineReader({
    input,
    keySeparator,
    partition,
    headers,
    partitions: description.partitions.length,
    maxBatchBytes: maxBatchBytesOf(description),
  });

const produce = async (topic: string, options: ProduceOptions): Promise<void> => {
  refuseContradictions(options);
  const service = await serviceOf(options);
  const description = await reading(() => createAdmin(service).describeTopic(topic));
  chosenPartitions(description, options.partition);
  refuseManyPartitions(description, options);
  const input = await openInput(options.file);
  // Shells have it so: 128 and the signal's number.
  const interruption = untilSignal((number) => {
    process.exitCode = 128 + number;
  });
  const startedMs = systemRuntime.monotonicMs();
  const { expectedEnd } = options;
  const { report, ...read } = await shipLines({
    topic,
    partition: options.partition,
    expectedEnd,
    input,
    reader: await readerFor(description, options),
    producer: producerFor(service, options),
    interruption,
  });
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
