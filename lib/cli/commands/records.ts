/** `stratalog records delete TOPIC`: deletes the records before an offset. */
import { Command, InvalidArgumentError } from 'commander';
import type { PartitionDescription } from '../../client/topics.ts';
import { StratalogError } from '../../model/errors.ts';
import { confirmed } from '../confirmation.ts';
import { errorJson, reading, run } from '../failure.ts';
import { adminFor, type CommonOptions, wholeNumber, withCommonOptions } from '../options.ts';
import { print, printJson, table } from '../output.ts';
import { chosenPartitions } from '../partitions.ts';
import { countOf } from '../quantities.ts';

interface DeleteOptions extends CommonOptions {
  readonly partition?: number;
  readonly before: number | 'latest';
  readonly yes: boolean;
}

const beforeWhat = (text: string): number | 'latest' => {
  if (text === 'latest') return text;
  if (/^\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new InvalidArgumentError(
    'It must be an offset (a whole number from 0), or "latest" for all records there are.',
  );
};

/** How many records lie before the offset asked for. @throws OFFSET_OUT_OF_RANGE beyond the end */
const countBefore = (
  topic: string,
  { partition, logStartOffset, logEndOffset }: PartitionDescription,
  before: number | 'latest',
): number => {
  const offset = before === 'latest' ? logEndOffset : before;
  if (offset > logEndOffset) {
    throw new StratalogError(
      'OFFSET_OUT_OF_RANGE',
      `Partition ${partition} of ${topic} has no offset ${offset} yet; it ends at ${logEndOffset}. --before latest deletes all of it.`,
      { context: { partition, offset, logStartOffset, logEndOffset } },
    );
  }
  return Math.max(0, offset - logStartOffset);
};

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

const deleteRecords = async (topic: string, options: DeleteOptions): Promise<void> => {
  const { before, yes, json } = options;
  const admin = await adminFor(options);
  const description = await reading(() => admin.describeTopic(topic));
  const partitions = chosenPartitions(description, options.partition);
  if (before !== 'latest' && partitions.length > 1) {
    throw new StratalogError(
      'INVALID_REQUEST',
      `An offset is one of a partition, and ${topic} has ${partitions.length}: say which with --partition, or give --before latest.`,
    );
  }
  const counts = partitions.map((each) => countBefore(topic, each, before));
  const where =
    partitions.length === 1
      ? `partition ${partitions[0]!.partition} of ${topic}`
      : `all ${partitions.length} partitions of ${topic}`;
  const statement = `This deletes ${countOf(sum(counts), 'record')} of ${where} for good.`;
  if (!yes && !(await confirmed(statement, 'Delete?'))) {
    throw new StratalogError('CANCELLED', 'Nothing was deleted.');
  }
  const results = await admin.deleteRecords({
    topic,
    partitions: partitions.map(({ partition }) => ({ partition, before })),
  });
  const fates = results.map((result): Fate => {
    const { partition, logStartOffset, error } = result;
    const was = partitions.find((each) => each.partition === partition)!.logStartOffset;
    const deletedRecords = error === undefined ? Math.max(0, logStartOffset - was) : 0;
    return { partition, logStartOffset, deletedRecords, ...(error === undefined ? {} : { error }) };
  });
  const deletedRecords = sum(fates.map((fate) => fate.deletedRecords));
  if (json) {
    const shown = fates.map(({ error, ...fate }) =>
      error === undefined ? fate : { ...fate, error: errorJson(error) },
    );
    printJson({ topic, deletedRecords, partitions: shown });
  } else {
    print(`Deleted ${countOf(deletedRecords, 'record')} of ${where}.`);
    print(fatesText(fates));
  }
  const failed = fates.find(({ error }) => error !== undefined);
  if (failed?.error !== undefined) throw failed.error;
};

/** What became of one partition. */
interface Fate {
  readonly partition: number;
  /** Afterwards; −1 where `error` is there. */
  readonly logStartOffset: number;
  readonly deletedRecords: number;
  readonly error?: StratalogError;
}

const fatesText = (fates: readonly Fate[]): string =>
  table([
    ['PARTITION', 'DELETED', 'BEGINS AT'],
    ...fates.map(({ partition, deletedRecords, logStartOffset, error }) =>
      error === undefined
        ? [partition, deletedRecords, logStartOffset]
        : [partition, error.effect === 'none' ? 'nothing' : 'unknown', error.code],
    ),
  ]);

export const recordsCommand = (): Command =>
  new Command('records')
    .summary('delete records')
    .description('Deletes records. To write them: produce; to read them: consume.')
    .addCommand(
      withCommonOptions(new Command('delete'))
        .summary('delete the records before an offset')
        .description(
          'Deletes the records of a topic before an offset. This cannot be undone. Offsets stay as they are.',
        )
        .argument('<topic>', 'the topic')
        .requiredOption(
          '--before <offset>',
          'the first offset to stay, or "latest" for all records there are',
          beforeWhat,
        )
        .option(
          '--partition <n>',
          'of this partition only; needed with an offset where there are several',
          wholeNumber(0),
        )
        .option('--yes', 'do not ask; needed where there is no terminal', false)
        .addHelpText(
          'after',
          `
Examples:
  $ stratalog records delete orders --partition 0 --before 1000
  $ stratalog records delete orders --before latest --yes`,
        )
        .action(run(deleteRecords, 'one')),
    )
    .addHelpText(
      'after',
      '\nExample:\n  $ stratalog records delete orders --partition 0 --before 1000',
    );
