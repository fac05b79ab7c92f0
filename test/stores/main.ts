/**
 * The contracts of the stores on every engine, with a report: `npm run test:stores -- [--json] [FILE…]`.
 *
 * `--json` prints the report and nothing else. Engines that are not installed yet are installed first, into
 * `$STRATALOG_ENGINES` or `~/.cache/stratalog/engines`; one that cannot be fails its suite, and says why.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Reporter } from 'vitest/node';
import { startVitest } from 'vitest/node';
import { namedEndpoints } from './endpoints.ts';
import { reportText, storesReport } from './report.ts';

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
});

const notThere =
  Object.keys(namedEndpoints()).length > 0
    ? []
    : [
        {
          engine: 'an endpoint of your own',
          reason:
            'neither AWS_ENDPOINT_URL_DYNAMODB nor AWS_ENDPOINT_URL_S3 nor AWS_ENDPOINT_URL names one',
        },
      ];

const reporter: Reporter = {
  onTestRunEnd: (modules) => {
    const report = storesReport(modules, notThere);
    console.log(values.json ? JSON.stringify(report, null, 2) : `\n${reportText(report)}`);
  },
};

const root = join(import.meta.dirname, '../..');
const vitest = await startVitest('test', positionals, {
  root,
  config: join(root, 'vitest.stores.config.ts'),
  watch: false,
  silent: values.json,
  reporters: values.json ? [reporter] : ['default', reporter],
});
await vitest.close();
