/** `stratalog topics alter NAME`: other configs, more partitions. */
import { Command } from 'commander';
import type { TopicDescription } from '../../client/topics.ts';
import { asStratalogError, StratalogError } from '../../model/errors.ts';
import { MAX_PARTITIONS_PER_TOPIC } from '../../model/limits.ts';
import { reading, run } from '../failure.ts';
import {
  adminFor,
  type CommonOptions,
  collectConfig,
  collectText,
  wholeNumber,
  withCommonOptions,
} from '../options.ts';
import { print, printJson, table } from '../output.ts';
import { countOf } from '../quantities.ts';

interface AlterOptions extends CommonOptions {
  readonly config?: Readonly<Record<string, string>>;
  readonly reset?: readonly string[];
  readonly partitions?: number;
}

/** @throws INVALID_REQUEST, INVALID_CONFIG for what contradicts itself or asks for nothing */
const refuseContradictions = ({ config = {}, reset = [], partitions }: AlterOptions): void => {
  const both = reset.find((name) => Object.hasOwn(config, name));
  if (both !== undefined) {
    throw new StratalogError(
      'INVALID_CONFIG',
      `${both} is to be both set and reset: give it to --config or to --reset.`,
      { context: { config: both } },
    );
  }
  if (Object.keys(config).length + reset.length === 0 && partitions === undefined) {
    throw new StratalogError(
      'INVALID_REQUEST',
      'Nothing is to be altered: give --config, --reset or --partitions.',
    );
  }
};

/** @throws INVALID_PARTITIONS when there are as many already */
const refuseFewer = (topic: TopicDescription, partitions: number | undefined): void => {
  const before = topic.partitions.length;
  if (partitions === undefined || partitions > before) return;
  throw new StratalogError(
    'INVALID_PARTITIONS',
    `Topic ${topic.name} has ${countOf(before, 'partition')}; --partitions says how many there are to be in all, and that must be more. Partitions are never taken away.`,
    { context: { partitions, currentPartitions: before } },
  );
};

/** What changed, old and new side by side. */
const changesText = (before: TopicDescription, after: TopicDescription): string => {
  const valueBefore = (name: string) => before.configs.find((each) => each.name === name)?.value;
  const rows = after.configs
    .filter(({ name, source, value }) => {
      const was = before.configs.find((each) => each.name === name);
      return was?.value !== value || was.source !== source;
    })
    .map(({ name, value, source }) => {
      const now = source === 'DEFAULT_CONFIG' ? `${value} (default)` : value;
      return [name, valueBefore(name) ?? '-', now];
    });
  const counts = [before.partitions.length, after.partitions.length];
  if (counts[0] !== counts[1]) rows.push(['partitions', ...counts.map(String)]);
  return rows.length === 0
    ? `Topic ${after.name} is as it was: all of that was in force already.`
    : `Altered topic ${after.name}.\n${table([['', 'BEFORE', 'NOW'], ...rows])}`;
};

const alter = async (name: string, options: AlterOptions): Promise<void> => {
  refuseContradictions(options);
  const { config = {}, reset = [], partitions } = options;
  const admin = await adminFor(options);
  const before = await reading(() => admin.describeTopic(name));
  refuseFewer(before, partitions);
  let after = before;
  const configsChange = Object.keys(config).length + reset.length > 0;
  if (configsChange) {
    after = await admin.alterConfigs({ topic: name, set: config, reset: [...new Set(reset)] });
  }
  if (partitions !== undefined) {
    try {
      after = await admin.addPartitions({ topic: name, partitions });
    } catch (caught) {
      if (!configsChange) throw caught;
      const { code, message, effect, context } = asStratalogError(caught);
      throw new StratalogError(code, `The configs were altered, partitions not: ${message}`, {
        effect,
        context,
        cause: caught,
      });
    }
  }
  if (options.json) printJson(after);
  else {
    print(changesText(before, after));
    if (partitions !== undefined) {
      print('Records with a key may go to another partition than those before them.');
    }
  }
};

export const alterCommand = (): Command =>
  withCommonOptions(new Command('alter'))
    .summary('change configs, add partitions')
    .description('Changes the configs of a topic, and adds partitions.')
    .argument('<topic>', 'the topic')
    .option('--config <name=value>', 'set a config; may be repeated', collectConfig)
    .option('--reset <name>', 'set a config back to its default; may be repeated', collectText)
    .option(
      '--partitions <n>',
      'how many partitions there are to be in all: more than there are',
      wholeNumber(1, MAX_PARTITIONS_PER_TOPIC),
    )
    .addHelpText(
      'after',
      `
Configs change all together or not at all; partitions are added after them.
What configs there are: stratalog configs <topic>.

Examples:
  $ stratalog topics alter orders --config max.message.bytes=2097152
  $ stratalog topics alter orders --reset max.message.bytes --partitions 12`,
    )
    .action(run(alter, 'one'));
