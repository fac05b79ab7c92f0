/** `stratalog topics`: create, list, describe, delete. */
import { Command } from 'commander';
import type { TopicDescription, TopicSummary } from '../../client/topics.ts';
import { MAX_PARTITIONS_PER_TOPIC } from '../../model/limits.ts';
import { run } from '../failure.ts';
import {
  type CommonOptions,
  clientFor,
  collectConfig,
  wholeNumber,
  withCommonOptions,
} from '../options.ts';
import { print, printJson, table } from '../output.ts';

interface CreateOptions extends CommonOptions {
  readonly partitions: number;
  readonly config?: Readonly<Record<string, string>>;
}

/** A config as people read it: what was set first. */
const describeText = (topic: TopicDescription): string => {
  const set = topic.configs.filter(({ source }) => source === 'DYNAMIC_TOPIC_CONFIG');
  const defaults = topic.configs.filter(({ source }) => source === 'DEFAULT_CONFIG');
  const sizeBytes = topic.partitions.reduce((sum, partition) => sum + partition.sizeBytes, 0);
  const partitions = table([
    ['PARTITION', 'START', 'END', 'BYTES'],
    ...topic.partitions.map((each) => [
      each.partition,
      each.logStartOffset,
      each.logEndOffset,
      each.sizeBytes,
    ]),
  ]);
  const configs = table([
    ['CONFIG', 'VALUE', 'SOURCE'],
    ...[...set, ...defaults].map(({ name, value, source }) => [
      name,
      value,
      source === 'DEFAULT_CONFIG' ? 'default' : 'topic',
    ]),
  ]);
  return [
    `Topic ${topic.name}  (id ${topic.topicId}, created ${new Date(topic.createdAt).toISOString()}, ${sizeBytes.toLocaleString('en')} bytes)`,
    '',
    partitions,
    '',
    configs,
  ].join('\n');
};

const create = async (name: string, options: CreateOptions): Promise<void> => {
  const { partitions, config } = options;
  const configs = config === undefined ? {} : { configs: config };
  const topic = await clientFor(options).createTopic({ name, partitions, ...configs });
  if (options.json) printJson(topic);
  else print(`Created topic ${name} with ${partitions} partition${partitions === 1 ? '' : 's'}.`);
};

const list = async (options: CommonOptions): Promise<void> => {
  const client = clientFor(options);
  const topics: TopicSummary[] = [];
  for (let after: string | undefined; ; ) {
    const page = await client.listTopics(after);
    topics.push(...page.topics);
    after = page.next;
    if (after === undefined) break;
  }
  if (options.json) printJson(topics);
  else if (topics.length === 0)
    print('There are no topics yet. Make one: stratalog topics create <name>');
  else {
    const rows = topics.map(({ name, partitions, topicId }) => [name, partitions, topicId]);
    print(table([['TOPIC', 'PARTITIONS', 'ID'], ...rows]));
  }
};

const describe = async (name: string, options: CommonOptions): Promise<void> => {
  const topic = await clientFor(options).describeTopic(name);
  if (options.json) printJson(topic);
  else print(describeText(topic));
};

const remove = async (name: string, options: CommonOptions): Promise<void> => {
  await clientFor(options).deleteTopic(name);
  if (options.json) printJson({ deleted: name });
  else print(`Deleted topic ${name}.`);
};

const CHANGES = { changes: true };

const isJson = (_name: string, options: CommonOptions): boolean => options.json;

const createCommand = (): Command =>
  withCommonOptions(new Command('create'))
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
  $ stratalog topics create events --config max.message.bytes=4194304`,
    )
    .action(
      run(isJson, create as (name: string, options: CommonOptions) => Promise<void>, CHANGES),
    );

export const topicsCommand = (): Command =>
  new Command('topics')
    .summary('create, list, describe and delete topics')
    .description('Creates, lists, describes and deletes topics.')
    .addCommand(createCommand())
    .addCommand(
      withCommonOptions(new Command('list'))
        .description('Lists all topics in order of name.')
        .addHelpText('after', '\nExample:\n  $ stratalog topics list --json')
        .action(run((options: CommonOptions) => options.json, list)),
    )
    .addCommand(
      withCommonOptions(new Command('describe'))
        .description('Tells the offsets and sizes of a topic, and the configs in force.')
        .argument('<name>', 'the topic')
        .addHelpText('after', '\nExample:\n  $ stratalog topics describe orders')
        .action(run(isJson, describe)),
    )
    .addCommand(
      withCommonOptions(new Command('delete'))
        .description('Deletes a topic and all its records. This cannot be undone.')
        .argument('<name>', 'the topic')
        .addHelpText('after', '\nExample:\n  $ stratalog topics delete orders')
        .action(run(isJson, remove, CHANGES)),
    )
    .addHelpText('after', '\nExample:\n  $ stratalog topics create orders --partitions 3');
