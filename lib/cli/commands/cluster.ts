/** `stratalog cluster`: which service this is, and what it takes. */
import { Command } from 'commander';
import { createAdmin } from '../../client/admin.ts';
import { run } from '../failure.ts';
import { type CommonOptions, withCommonOptions } from '../options.ts';
import { print, printJson, table } from '../output.ts';
import { countText } from '../quantities.ts';
import { serviceOf } from '../service.ts';

const cluster = async (options: CommonOptions): Promise<void> => {
  const service = await serviceOf(options);
  const description = await createAdmin(service).describeCluster();
  if (options.json) {
    printJson(description);
    return;
  }
  const { clusterId, maxBatchBytes, maxPartitionsPerTopic } = description;
  print(
    table([
      ['endpoint', service.endpoint],
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
