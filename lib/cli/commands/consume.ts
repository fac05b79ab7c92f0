/**
 * `stratalog consume TOPIC`: prints records, the way kcat does.
 *
 * Without --follow it reads from the beginning to where the partitions ended when it started; with
 * --follow it begins at the end and waits for what comes.
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import { createAdmin } from '../../client/admin.ts';
import type { ReadFrom } from '../../client/reader/options.ts';
import { createReader } from '../../client/reader/reader.ts';
import { bytes } from '../../client/serde.ts';
import { StratalogError } from '../../model/errors.ts';
import { systemRuntime } from '../../model/runtime.ts';
import { ENCODINGS, type Encoding } from '../encodings.ts';
import { run } from '../failure.ts';
import { compileFormat, type Formatter, jsonFormat } from '../format.ts';
import { foundOf } from '../found.ts';
import { type CommonOptions, wholeNumber, withCommonOptions } from '../options.ts';
import { standardOutput } from '../output.ts';
import { chosenPartitions } from '../partitions.ts';
import { type Service, serviceOf } from '../service.ts';
import { untilSignal } from '../signals.ts';
import { parseTime } from '../times.ts';

/** How long to go on trying while the service cannot be reached, ms. */
const PATIENCE_MS = 5_000;
const FOLLOW_PATIENCE_MS = 30_000;

interface ConsumeOptions extends CommonOptions {
  readonly fromBeginning?: boolean;
  readonly offset?: StartOffset;
  /** ms since the Unix epoch. */
  readonly at?: number;
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
const refuseContradictions = (options: ConsumeOptions): void => {
  const { json, format, headers, at, offset, fromBeginning } = options;
  const problem =
    at !== undefined && (offset !== undefined || fromBeginning)
      ? '--at excludes --offset and --from-beginning: give one of them.'
      : json && format !== undefined
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

/**
 * Where to begin. An offset holds for each partition by itself, and each must have it.
 * @throws OFFSET_OUT_OF_RANGE when a partition ends before it, or begins after it
 */
const startOf = async (
  topic: string,
  options: ConsumeOptions,
  service: Service,
): Promise<ReadFrom> => {
  const { at, offset, fromBeginning, follow } = options;
  if (at !== undefined) return { time: at };
  const start = offset ?? (follow && !fromBeginning ? 'latest' : 'earliest');
  if (start === 'earliest') return 'beginning';
  if (start === 'latest') return 'end';
  if (start < 0) return { last: -start };
  const description = await createAdmin(service).describeTopic(topic);
  const chosen = chosenPartitions(description, options.partition);
  const advice = chosen.length > 1 ? ' --partition chooses the partition to read.' : '';
  for (const each of chosen) {
    const { partition, logStartOffset, logEndOffset } = each;
    if (start >= logStartOffset && start <= logEndOffset) continue;
    const problem =
      start < logStartOffset
        ? `has no offset ${start} any more; it begins at ${logStartOffset}`
        : `has no offset ${start} yet; it ends at ${logEndOffset}`;
    throw new StratalogError(
      'OFFSET_OUT_OF_RANGE',
      `Partition ${partition} of ${topic} ${problem}.${advice}`,
      { context: { partition, offset: start, logStartOffset, logEndOffset } },
    );
  }
  return { offset: start };
};

const consume = async (topic: string, options: ConsumeOptions): Promise<void> => {
  refuseContradictions(options);
  const { partition, follow = false, max = Number.POSITIVE_INFINITY } = options;
  const format = formatterOf(options);
  const service = await serviceOf(options);
  const reader = createReader<Uint8Array, Uint8Array>({
    ...service,
    topic,
    from: await startOf(topic, options, service),
    key: bytes,
    value: bytes,
    retryTimeoutMs: follow ? FOLLOW_PATIENCE_MS : PATIENCE_MS,
    ...(partition === undefined ? {} : { partitions: [partition] }),
    ...(follow ? {} : { until: 'end' }),
  });
  if (follow) untilSignal().addEventListener('abort', () => void reader.close());
  const output = standardOutput();
  let left = max;
  try {
    for await (const messages of reader.batches()) {
      const shown = messages.slice(0, left);
      for (const message of shown) {
        const room = output.write(format(foundOf(message)));
        if (room !== undefined) await room;
      }
      left -= shown.length;
      if (left === 0) break;
      if (follow) await output.flush();
    }
  } finally {
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
    .option(
      '--at <time>',
      'begin with the first record at or after this time: ISO 8601, -5m, "2h ago", ms since 1970',
      (text: string) => parseTime(text, systemRuntime.now()),
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

--value json prints JSON in one line, with its numbers as they were written; a value that is none ends it.
--json prints a record a line, as produce --input json takes it: bytes that are no text as {"base64": "…"},
  and what --key and --value ask for as {"json": …}, {"hex": "…"} or {"base64": "…"}.

Formats:
  %t topic   %p partition   %o offset   %T timestamp (ms)   %k key   %s value   %h headers
  %K, %S  bytes of key and value, -1 for none   %%  a percent sign   \\n \\t \\r \\0 \\\\  escapes

Examples:
  $ stratalog consume orders
  $ stratalog consume orders --follow --format '%p/%o %k: %s\\n'
  $ stratalog consume orders --offset -10 --json
  $ stratalog consume orders --at '10m ago' --headers --value json
  $ stratalog consume orders --partition 0 --offset 1000 --max 5`,
    )
    .action(run(consume));
