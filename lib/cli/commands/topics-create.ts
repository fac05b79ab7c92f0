/** `stratalog topics create NAME`. */
import { Command } from 'commander';
import { MAX_PARTITIONS_PER_TOPIC } from '../../model/limits.ts';
import { run } from '../failure.ts';
import {
  adminFor,
  type CommonOptions,
  collectConfig,
  wholeNumber,
  withCommonOptions,
} from '../options.ts';
import { print, printJson } from '../output.ts';
import { countOf } from '../quantities.ts';

interface CreateOptions extends CommonOptions {
  readonly partitions: number;
  readonly config?: Readonly<Record<string, string>>;
}

const create = async (name: string, options: CreateOptions): Promise<void> => {
  const { partitions, config: configs = {} } = options;
  const topic = await (await adminFor(options)).createTopic({ name, partitions, configs });
  if (options.json) printJson(topic);
  else print(`Created topic ${name} with ${countOf(partitions, 'partition')}.`);
};

export const createCommand = (): Command =>
  withCommonOptions(new Command('create'))
    .summary('create a topic')
    .description('Creates a topic.')
    .argument('<name>', '1 to 249 of a-z, A-Z, 0-9, ".", "_" and "-"')
    .option(
      '--partitions <n>',
      'how many partitions; records with the same key share one',
      wholeNumber(1, MAX_PARTITIONS_PER_TOPIC),
      1,
    )
    .option('--config <name=value>', 'a topic config, as in Kafka; may be repeated', collectConfig)
    .addHelpText(
      'after',
      `
Examples:
  $ stratalog topics create orders --partitions 6
  $ stratalog topics create events --config max.message.bytes=2097152`,
    )
    .action(run(create, 'one'));
