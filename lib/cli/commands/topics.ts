/** `stratalog topics`: what can be done to topics as a whole, one verb a file. */
import { Command } from 'commander';
import { alterCommand } from './topics-alter.ts';
import { createCommand } from './topics-create.ts';
import { deleteCommand } from './topics-delete.ts';
import { describeCommand } from './topics-describe.ts';
import { listCommand } from './topics-list.ts';

export const topicsCommand = (): Command =>
  new Command('topics')
    .summary('create, list, describe, alter and delete topics')
    .description('Creates, lists, describes, alters and deletes topics.')
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(describeCommand())
    .addCommand(alterCommand())
    .addCommand(deleteCommand())
    .addHelpText('after', '\nExample:\n  $ stratalog topics create orders --partitions 3');
