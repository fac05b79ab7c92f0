/** `stratalog configs`: what a topic can be told, what is in force, and to change it. */
import { Command } from 'commander';
import type { TopicConfig } from '../../client/topics.ts';
import { StratalogError } from '../../model/errors.ts';
import { bySource, sourceText } from '../config-entries.ts';
import { run } from '../failure.ts';
import { adminFor, type CommonOptions, collectConfig, withCommonOptions } from '../options.ts';
import { print, printJson } from '../output.ts';

const configText = (config: TopicConfig): string => {
  const { name, value, defaultValue, legal, documentation } = config;
  const origin =
    sourceText(config) === 'default' ? 'the default' : `set on the topic; default ${defaultValue}`;
  return [`${name} = ${value}  (${origin})`, `    ${documentation}`, `    Takes ${legal}.`].join(
    '\n',
  );
};

const list = async (topic: string, options: CommonOptions): Promise<void> => {
  const { configs } = await (await adminFor(options)).describeTopic(topic);
  if (options.json) printJson(configs);
  else print(bySource(configs).map(configText).join('\n\n'));
};

const get = async (topic: string, name: string, options: CommonOptions): Promise<void> => {
  const { configs } = await (await adminFor(options)).describeTopic(topic);
  const found = configs.find((config) => config.name === name);
  if (found === undefined) {
    throw new StratalogError(
      'INVALID_CONFIG',
      `There is no topic config ${JSON.stringify(name)}; there are ${configs.map((config) => config.name).join(', ')}.`,
      { context: { config: name } },
    );
  }
  if (options.json) printJson(found);
  else print(found.value);
};

/** Sets and resets at once; tells the configs as they are afterwards. */
const change = async (
  topic: string,
  set: Readonly<Record<string, string>>,
  reset: readonly string[],
  options: CommonOptions,
): Promise<void> => {
  const { configs } = await (await adminFor(options)).alterConfigs({ topic, set, reset });
  const named = configs.filter(({ name }) => Object.hasOwn(set, name) || reset.includes(name));
  if (options.json) printJson(named);
  else print(named.map(({ name, value }) => `${name} = ${value}`).join('\n'));
};

const setAll = (topic: string, pairs: Record<string, string>, options: CommonOptions) =>
  change(topic, pairs, [], options);

const resetAll = (topic: string, names: readonly string[], options: CommonOptions) =>
  change(topic, {}, [...new Set(names)], options);

const verb = (name: string): Command => withCommonOptions(new Command(name));

export const configsCommand = (): Command =>
  new Command('configs')
    .summary('what a topic can be told, and what is in force')
    .description('Lists the configs of a topic with what they mean and take; gets and sets them.')
    .addCommand(
      verb('list')
        .summary('configs, and what they take')
        .description('Lists the configs of a topic: value, meaning, legal values, default.')
        .argument('<topic>', 'the topic')
        .addHelpText('after', '\nExample:\n  $ stratalog configs orders')
        .action(run(list)),
      { isDefault: true },
    )
    .addCommand(
      verb('get')
        .summary('print one value')
        .description('Prints the value of one config, and nothing else.')
        .argument('<topic>', 'the topic')
        .argument('<name>', 'the config')
        .addHelpText('after', '\nExample:\n  $ stratalog configs get orders max.message.bytes')
        .action(run(get)),
    )
    .addCommand(
      verb('set')
        .summary('set, all or none')
        .description('Sets configs of a topic, all or none of them.')
        .argument('<topic>', 'the topic')
        .argument('<name=value...>', 'configs and their values', collectConfig)
        .addHelpText(
          'after',
          '\nExample:\n  $ stratalog configs set orders message.timestamp.type=LogAppendTime',
        )
        .action(run(setAll, 'one')),
    )
    .addCommand(
      verb('reset')
        .summary('set back to defaults')
        .description('Sets configs of a topic back to their defaults, all or none of them.')
        .argument('<topic>', 'the topic')
        .argument('<name...>', 'configs')
        .addHelpText('after', '\nExample:\n  $ stratalog configs reset orders max.message.bytes')
        .action(run(resetAll, 'one')),
    )
    .addHelpText(
      'after',
      `
Examples:
  $ stratalog configs orders
  $ stratalog configs set orders max.message.bytes=2097152`,
    );
