/**
 * `stratalog consume TOPIC`: prints records, the way kcat does.
 *
 * Without --follow it reads from the beginning to where the partitions ended when it started; with
 * --follow it begins at the end and waits for what comes. One fetch is on its way while the records
 * of the one before are printed.
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import type { StratalogClient } from '../../client/client.ts';
import type { FetchResult } from '../../client/fetch.ts';
import type { PartitionDescription } from '../../client/topics.ts';
import { StratalogError } from '../../model/errors.ts';
import { systemRuntime } from '../../model/runtime.ts';
import { splitBatches } from '../../record/batches.ts';
import { decodeBatch } from '../../record/decode.ts';
import { ENCODINGS, type Encoding } from '../encodings.ts';
import { run } from '../failure.ts';
import { compileFormat, type Formatter, jsonFormat } from '../format.ts';
import {
  adminFor,
  type CommonOptions,
  clientFor,
  wholeNumber,
  withCommonOptions,
} from '../options.ts';
import { type Output, standardOutput } from '../output.ts';
import { patiently } from '../patience.ts';

/** Of one fetch: an answer holds some 4 MB. */
const FETCH_BYTES = 4 * 1024 * 1024;
/** How long the service may wait for records when there are none. */
const FOLLOW_WAIT_MS = 5_000;
/** The same where records are known to be there: an empty answer must not become a busy loop. */
const CATCH_UP_WAIT_MS = 500;

interface ConsumeOptions extends CommonOptions {
  readonly fromBeginning?: boolean;
  readonly offset?: StartOffset;
  readonly partition?: number;
  readonly max?: number;
  readonly follow?: boolean;
  readonly format?: string;
  readonly headers: boolean;
  readonly key?: Encoding;
  readonly value?: Encoding;
}

/** A negative number counts from the end. */
type StartOffset = number | 'earliest' | 'latest';

const startOffset = (text: string): StartOffset => {
  if (text === 'earliest' || text === 'latest') return text;
  if (!/^-?\d{1,16}$/.test(text) || !Number.isSafeInteger(Number(text))) {
    throw new InvalidArgumentError(
      'It must be an offset, "earliest", "latest", or -N for the last N.',
    );
  }
  return Number(text);
};

/** @throws INVALID_REQUEST for options of which one makes the other meaningless */
const refuseContradictions = ({ json, format, headers }: ConsumeOptions): void => {
  const problem =
    json && format !== undefined
      ? '--json and --format exclude each other: give one of them.'
      : headers && format !== undefined
        ? '--headers and --format exclude each other: put %h into the format.'
        : undefined;
  if (problem !== undefined) throw new StratalogError('INVALID_REQUEST', problem);
};

/** Without --format: the value, and before it what else was asked for, with tabs between. */
const formatterOf = ({ json, format, headers, key, value }: ConsumeOptions): Formatter => {
  if (json) return jsonFormat({ key, value });
  const parts = [headers ? '%h' : '', key === undefined ? '' : '%k', '%s'];
  return compileFormat(format ?? `${parts.filter(Boolean).join('\\t')}\\n`, { key, value });
};

/** Where a partition is to be read next, and where reading it ends. */
interface Reading {
  readonly partition: number;
  offset: number;
  readonly end: number;
}

/** @throws OFFSET_OUT_OF_RANGE when the partition ends before the offset asked for */
const begin = (
  topic: string,
  { partition, logStartOffset, logEndOffset }: PartitionDescription,
  { fromBeginning, offset = fromBeginning ? 'earliest' : undefined, follow }: ConsumeOptions,
): Reading => {
  const start = offset ?? (follow ? 'latest' : 'earliest');
  const from =
    start === 'earliest'
      ? logStartOffset
      : start === 'latest'
        ? logEndOffset
        : start < 0
          ? Math.max(logStartOffset, logEndOffset + start)
          : start;
  if (from > logEndOffset) {
    throw new StratalogError(
      'OFFSET_OUT_OF_RANGE',
      `Partition ${partition} of ${topic} has no offset ${from} yet; it ends at ${logEndOffset}. --partition chooses the partition to read.`,
      { context: { partition, offset: from, logStartOffset, logEndOffset } },
    );
  }
  return { partition, offset: from, end: follow ? Number.POSITIVE_INFINITY : logEndOffset };
};

const chosen = (
  topic: string,
  partitions: readonly PartitionDescription[],
  partition: number | undefined,
): readonly PartitionDescription[] => {
  if (partition === undefined) return partitions;
  const found = partitions.filter((candidate) => candidate.partition === partition);
  if (found.length > 0) return found;
  throw new StratalogError(
    'UNKNOWN_TOPIC_OR_PARTITION',
    `Topic ${topic} has no partition ${partition}; it has ${partitions.length}, numbered from 0.`,
  );
};

/** Prints the records of one partition's answer; says how many. */
const show = async (
  topic: string,
  { partition, batches }: { readonly partition: number; readonly batches: Uint8Array },
  from: number,
  end: number,
  max: number,
  format: Formatter,
  output: Output,
): Promise<number> => {
  let count = 0;
  for (const batch of splitBatches(batches).batches) {
    const { header, records } = decodeBatch(batch);
    if (header.isControl) continue;
    for (const record of records) {
      if (record.offset < from) continue;
      if (record.offset >= end || count === max) return count;
      const room = output.write(format({ topic, partition, record }));
      if (room !== undefined) await room;
      count += 1;
    }
  }
  return count;
};

const read = async (
  client: StratalogClient,
  topic: string,
  all: readonly Reading[],
  { follow = false, max = Number.POSITIVE_INFINITY }: ConsumeOptions,
  format: Formatter,
  output: Output,
  signal: AbortSignal,
): Promise<void> => {
  let left = max;
  let round = 0;
  const unfinished = () => all.filter(({ offset, end }) => offset < end);
  const fetchNext = (): Promise<readonly FetchResult[]> | undefined => {
    const open = unfinished();
    if (open.length === 0 || signal.aborted) return undefined;
    // Each fetch begins with another partition, so that a busy one does not starve the others.
    const first = round++ % open.length;
    const shares = [...open.slice(first), ...open.slice(0, first)];
    const ask = () =>
      client.fetch(
        topic,
        shares.map(({ partition, offset }) => ({ partition, offset })),
        { maxBytes: FETCH_BYTES, maxWaitMs: follow ? FOLLOW_WAIT_MS : CATCH_UP_WAIT_MS, signal },
      );
    const answer = follow ? patiently(ask, systemRuntime, signal) : ask();
    answer.catch(() => undefined);
    return answer;
  };

  for (let pending = fetchNext(); pending !== undefined; ) {
    const results = await pending;
    const froms = new Map(all.map(({ partition, offset }) => [partition, offset]));
    for (const result of results) {
      if (result.error !== undefined) throw result.error;
      const reading = all.find(({ partition }) => partition === result.partition)!;
      reading.offset = result.nextOffset;
    }
    pending = fetchNext();
    for (const result of results) {
      if (result.error !== undefined) continue;
      const { end } = all.find(({ partition }) => partition === result.partition)!;
      left -= await show(topic, result, froms.get(result.partition)!, end, left, format, output);
      if (left === 0) return;
    }
    if (follow) await output.flush();
  }
};

const consume = async (topic: string, options: ConsumeOptions): Promise<void> => {
  refuseContradictions(options);
  const format = formatterOf(options);
  const client = clientFor(options);
  const { partitions } = await adminFor(options).describeTopic(topic);
  const readings = chosen(topic, partitions, options.partition).map((partition) =>
    begin(topic, partition, options),
  );
  const output = standardOutput();
  const stop = new AbortController();
  if (options.follow)
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  try {
    await read(client, topic, readings, options, format, output, stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    stop.abort();
    await output.flush();
  }
};

export const consumeCommand = (): Command =>
  withCommonOptions(new Command('consume'))
    .summary('print records')
    .description(
      'Prints records. Without --follow: from the beginning to the end as it is now. With --follow: what comes from now on, until interrupted.',
    )
    .argument('<topic>', 'the topic to read')
    .option('--from-beginning', 'begin with the oldest record (the default without --follow)')
    .option(
      '--offset <where>',
      'begin at this offset, "earliest", "latest", or -N for the last N',
      startOffset,
    )
    .option('--partition <n>', 'read this partition only', wholeNumber(0))
    .option('--max <n>', 'stop after this many records', wholeNumber(1))
    .option('--follow', 'wait for more instead of stopping at the end')
    .option('--headers', 'print headers before the value', false)
    .addOption(new Option('--value <as>', 'how to print values (default: text)').choices(ENCODINGS))
    .addOption(new Option('--key <as>', 'print keys before the value, and how').choices(ENCODINGS))
    .option('--format <text>', 'how to print a record (default: "%s\\n")')
    .addHelpText(
      'after',
      `
--offset holds for each partition by itself: 1000 begins every one at its own offset 1000, and is refused
  when one of them is shorter (choose with --partition); -10 begins with the last ten of each.

Formats:
  %t topic   %p partition   %o offset   %T timestamp (ms)   %k key   %s value   %h headers
  %K, %S  bytes of key and value, -1 for none   %%  a percent sign   \\n \\t \\r \\0 \\\\  escapes

Examples:
  $ stratalog consume orders
  $ stratalog consume orders --follow --format '%p/%o %k: %s\\n'
  $ stratalog consume orders --offset -10 --json
  $ stratalog consume orders --partition 0 --offset 1000 --max 5`,
    )
    .action(run(consume));
