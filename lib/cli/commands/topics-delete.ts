/** `stratalog topics delete NAME`. */
import { Command } from 'commander';
import { run } from '../failure.ts';
import { adminFor, type CommonOptions, withCommonOptions } from '../options.ts';
import { print, printJson } from '../output.ts';

const remove = async (name: string, options: CommonOptions): Promise<void> => {
  await (await adminFor(options)).deleteTopic(name);
  if (options.json) printJson({ deleted: name });
  else print(`Deleted topic ${name}.`);
};

export const deleteCommand = (): Command =>
  withCommonOptions(new Command('delete'))
    .summary('delete a topic and all its records')
    .description(
      'Deletes a topic and all its records. This cannot be undone. To delete records only: stratalog records delete.',
    )
    .argument('<topic>', 'the topic')
    .addHelpText('after', '\nExample:\n  $ stratalog topics delete orders')
    .action(run(remove, 'one'));
