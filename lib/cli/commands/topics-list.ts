/** `stratalog topics list`. */
import { Command } from 'commander';
import { run } from '../failure.ts';
import { adminFor, type CommonOptions, withCommonOptions } from '../options.ts';
import { print, printJson, table } from '../output.ts';

const list = async (options: CommonOptions): Promise<void> => {
  const topics = await (await adminFor(options)).listTopics();
  if (options.json) printJson(topics);
  else if (topics.length === 0) {
    print('There are no topics yet. Make one: stratalog topics create <name>');
  } else {
    const rows = topics.map(({ name, partitions, topicId }) => [name, partitions, topicId]);
    print(table([['TOPIC', 'PARTITIONS', 'ID'], ...rows]));
  }
};

export const listCommand = (): Command =>
  withCommonOptions(new Command('list'))
    .summary('list all topics')
    .description('Lists all topics in order of name.')
    .addHelpText('after', '\nExample:\n  $ stratalog topics list --json')
    .action(run(list));
