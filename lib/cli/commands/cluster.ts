/** `stratalog cluster`: which service this is, and what it takes. */
import { Command } from 'commander';
import { run } from '../failure.ts';
import { adminFor, type CommonOptions, withCommonOptions } from '../options.ts';
import { print, printJson, table } from '../output.ts';
import { countText } from '../quantities.ts';

const cluster = async (options: CommonOptions): Promise<void> => {
  const description = await adminFor(options).describeCluster();
  if (options.json) {
    printJson(description);
    return;
  }
  const { clusterId, maxBatchBytes, maxPartitionsPerTopic } = description;
  print(
    table([
      ['endpoint', options.endpoint],
      ['cluster id', clusterId],
      ['largest batch', `${countText(maxBatchBytes)} bytes`],
      ['partitions of a topic', `${countText(maxPartitionsPerTopic)} at most`],
    ]),
  );
};

export const clusterCommand = (): Command =>
  withCommonOptions(new Command('cluster'))
    .summary('which service this is, and what it takes')
    .description('Tells the id of the service and its limits.')
    .addHelpText(
      'after',
      '\nExamples:\n  $ stratalog cluster\n  $ stratalog cluster --json | jq -r .clusterId',
    )
    .action(run(cluster));
