/**
 * Where the functions' bundles are: made by `npm run build:functions` in a clone, and part of the
 * package when it is installed. So neither esbuild nor Docker is needed where a stack is synthesized.
 *
 *   <root of the package>/dist/functions/<name>/index.mjs
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { LogFunction } from './names.ts';

/** A directory with other bundles, such as those of a test: `-c stratalog:bundles=DIRECTORY`. */
const BUNDLES_CONTEXT = 'stratalog:bundles';

/** The nearest directory above this file that holds Stratalog's package.json. */
const packageRoot = (): string => {
  for (let at = import.meta.dirname; ; at = dirname(at)) {
    const manifest = join(at, 'package.json');
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'stratalog') {
      return at;
    }
    if (at === dirname(at)) {
      throw new Error(
        `${import.meta.dirname} lies in no package named stratalog, so its Lambda bundles cannot be found. Do not bundle stratalog/cdk into your CDK app; let Node load it from node_modules.`,
      );
    }
  }
};

/** The code of a function. @throws when it was not built, telling how */
export const codeOf = (scope: Construct, name: LogFunction): Code => {
  const given: unknown = scope.node.tryGetContext(BUNDLES_CONTEXT);
  const directory = join(
    typeof given === 'string' ? given : join(packageRoot(), 'dist/functions'),
    name,
  );
  if (!existsSync(join(directory, 'index.mjs'))) {
    throw new Error(
      `There is no bundle of the function ${name} in ${directory}. In a clone of Stratalog run \`npm run build:functions\` first.`,
    );
  }
  return Code.fromAsset(directory);
};
