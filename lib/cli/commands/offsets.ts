/** `stratalog offsets TOPIC`: where partitions begin and end, and where a time lies in them. */
import { Command, InvalidArgumentError } from 'commander';
import type { OffsetSpec, PartitionOffset } from '../../client/offsets.ts';
import { systemRuntime } from '../../model/runtime.ts';
import { errorJson, run } from '../failure.ts';
import { adminFor, type CommonOptions, wholeNumber, withCommonOptions } from '../options.ts';
import { print, printJson, table } from '../output.ts';
import { parseTime, timeText } from '../times.ts';

interface OffsetsOptions extends CommonOptions {
  readonly at: OffsetSpec;
  readonly partition?: number;
}

const offsetSpec = (text: string): OffsetSpec => {
  if (text === 'earliest' || text === 'latest' || text === 'max-timestamp') return text;
  try {
    return { timestamp: parseTime(text, systemRuntime.now()) };
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new InvalidArgumentError(`${error.message} Or it is earliest, latest or max-timestamp.`);
  }
};

const offsets = async (topic: string, options: OffsetsOptions): Promise<void> => {
  const { at, partition } = options;
  const found = await (await adminFor(options)).listOffsets({
    topic,
    at,
    ...(partition === undefined ? {} : { partitions: [partition] }),
  });
  const failed = found.find(({ error }) => error !== undefined);
  if (options.json) printJson({ topic, partitions: found.map(asJson) });
  else print(offsetsTable(at, found));
  if (failed?.error !== undefined) throw failed.error;
};

const asJson = ({ error, ...offset }: PartitionOffset) =>
  error === undefined ? offset : { ...offset, error: errorJson(error) };

const offsetsTable = (at: OffsetSpec, found: readonly PartitionOffset[]): string => {
  const isEnd = at === 'earliest' || at === 'latest';
  const rows = found.map((each) => [
    each.partition,
    each.error !== undefined ? 'unknown' : each.offset < 0 ? 'none' : each.offset,
    ...(isEnd ? [] : [timeText(each.timestamp)]),
  ]);
  return table([['PARTITION', 'OFFSET', ...(isEnd ? [] : ['TIMESTAMP'])], ...rows]);
};

export const offsetsCommand = (): Command =>
  withCommonOptions(new Command('offsets'))
    .summary('where partitions begin and end, and where a time lies')
    .description(
      'Tells an offset of each partition: of its beginning or end, of the first record at or after a time, or of the record with the latest timestamp.',
    )
    .argument('<topic>', 'the topic')
    .option(
      '--at <where>',
      '"earliest", "latest", "max-timestamp", or a time: ISO 8601, -5m, "2h ago", ms since 1970',
      offsetSpec,
      'latest',
    )
    .option('--partition <n>', 'this partition only', wholeNumber(0))
    .addHelpText(
      'after',
      `
"latest" is the offset of the next record to be written; "none" means that there is no such record.

Examples:
  $ stratalog offsets orders
  $ stratalog offsets orders --at '10m ago'
  $ stratalog offsets orders --at 2026-11-21T09:30:00Z --json`,
    )
    .action(run(offsets));
