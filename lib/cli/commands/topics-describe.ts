/** `stratalog topics describe NAME`: the offsets and sizes of its partitions, and its configs. */
import { Command } from 'commander';
import type { TopicDescription } from '../../client/topics.ts';
import { bySource, sourceText } from '../config-entries.ts';
import { run } from '../failure.ts';
import { adminFor, type CommonOptions, withCommonOptions } from '../options.ts';
import { print, printJson, table } from '../output.ts';
import { countOf, countText, sizeText } from '../quantities.ts';
import { timeText } from '../times.ts';

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

const partitionsText = ({ partitions }: TopicDescription): string => {
  const recordsOf = (each: { logStartOffset: number; logEndOffset: number }) =>
    each.logEndOffset - each.logStartOffset;
  const rows = partitions.map((each) => [
    each.partition,
    each.logStartOffset,
    each.logEndOffset,
    recordsOf(each),
    each.sizeBytes,
  ]);
  const total = [
    'total',
    '',
    '',
    sum(partitions.map(recordsOf)),
    sum(partitions.map(({ sizeBytes }) => sizeBytes)),
  ];
  return table([
    ['PARTITION', 'START', 'END', 'RECORDS', 'BYTES'],
    ...rows,
    ...(rows.length > 1 ? [total] : []),
  ]);
};

const describeText = (topic: TopicDescription): string => {
  const { name, topicId, createdAt, partitions, configs } = topic;
  const sizeBytes = sum(partitions.map((each) => each.sizeBytes));
  const records = sum(partitions.map((each) => each.logEndOffset - each.logStartOffset));
  const facts = [
    ['id', topicId],
    ['created', timeText(createdAt)],
    ['partitions', countText(partitions.length)],
    ['holds', `${countOf(records, 'record')}, ${sizeText(sizeBytes)}`],
  ];
  return [
    `Topic ${name}`,
    ...table(facts)
      .split('\n')
      .map((line) => `  ${line}`),
    '',
    partitionsText(topic),
    '',
    table([
      ['CONFIG', 'VALUE', 'SOURCE'],
      ...bySource(configs).map((config) => [config.name, config.value, sourceText(config)]),
    ]),
  ].join('\n');
};

const describe = async (name: string, options: CommonOptions): Promise<void> => {
  const topic = await (await adminFor(options)).describeTopic(name);
  if (options.json) printJson(topic);
  else print(describeText(topic));
};

export const describeCommand = (): Command =>
  withCommonOptions(new Command('describe'))
    .summary('offsets, sizes and configs of a topic')
    .description(
      'Tells the offsets and sizes of a topic, and the configs in force. RECORDS counts offsets, from START to END.',
    )
    .argument('<topic>', 'the topic')
    .addHelpText(
      'after',
      `
What the configs mean and take: stratalog configs <topic>.

Examples:
  $ stratalog topics describe orders
  $ stratalog topics describe orders --json | jq '.partitions[].logEndOffset'`,
    )
    .action(run(describe));
