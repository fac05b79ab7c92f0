/**
 * `stratalog/cdk` in the apps that people have: what `cdk init` makes today, an app of ES modules, and one of a
 * TypeScript that knows no `exports`.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { run } from './run.ts';

const CDK = resolve(import.meta.dirname, '../../node_modules/.bin/cdk');
const tarball = inject('tarball');
let scratch: string;
let app: string;

/** A log, two topics, and somebody who may use them. */
const STACK = `
import * as cdk from 'aws-cdk-lib';
import { ArnPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { Stratalog, type StratalogProps, Topic } from 'stratalog/cdk';

export class ShopStack extends cdk.Stack {
  constructor(scope: Construct, id: string, props?: cdk.StackProps) {
    super(scope, id, props);
    const logProps: StratalogProps = { metricTopics: ['orders'] };
    const log = new Stratalog(this, 'Log', logProps);
    const orders = new Topic(this, 'Orders', {
      log,
      name: 'orders',
      partitions: 3,
      retention: cdk.Duration.days(7),
      removalPolicy: cdk.RemovalPolicy.DESTROY,
    });
    const clicks = Topic.fromTopicName(this, 'Clicks', { log, name: 'clicks' });
    const worker = new Role(this, 'Worker', {
      assumedBy: new ArnPrincipal('arn:aws:iam::123456789012:root'),
    });
    orders.grantProduce(worker);
    clicks.grantConsume(worker, 'billing');
    log.grantAdmin(worker);
    orders.metricMessagesIn().createAlarm(this, 'Busy', { threshold: 1e6, evaluationPeriods: 1 });
  }
}
`;

const PROGRAM = `
import * as cdk from 'aws-cdk-lib';
import { ShopStack } from '../lib/shop-stack';

const app = new cdk.App();
new ShopStack(app, 'ShopStack');
`;

/** What CommonJS can take of ES modules: their types. */
const ENTRIES = `
import type { Stratalog } from 'stratalog';
import type { SigningOptions } from 'stratalog/aws';

export const region = (options: SigningOptions): string | undefined => options.region;
export type Producer = ReturnType<Stratalog['producer']>;
`;

interface Template {
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties: Record<string, unknown> }>
  >;
}

/** Synthesizes the app in \`directory\` as its cdk.json says. */
const synthesized = async (directory: string): Promise<Template> => {
  await run(directory, 'npx', ['cdk', 'synth', '--quiet']);
  return JSON.parse(readFileSync(join(directory, 'cdk.out/ShopStack.template.json'), 'utf8'));
};

/** What the stack must have, whoever synthesizes it. */
const expectLog = ({ Resources }: Template): void => {
  const resources = Object.values(Resources);
  const ofType = (type: string) => resources.filter(({ Type }) => Type === type);
  const functions = ofType('AWS::Lambda::Function').filter(
    ({ Properties }) => Properties.Handler === 'index.handler' && 'Environment' in Properties,
  );
  expect(functions.length).toBeGreaterThanOrEqual(6);
  for (const type of [
    'AWS::DynamoDB::Table',
    'AWS::S3::Bucket',
    'AWS::ApiGatewayV2::Api',
    'AWS::CloudWatch::Alarm',
    'AWS::IAM::Policy',
  ]) {
    expect(ofType(type).length, type).toBeGreaterThan(0);
  }
  expect(ofType('Custom::StratalogTopic').map(({ Properties }) => Properties)).toMatchObject([
    { Name: 'orders', Partitions: 3, Removal: 'destroy' },
  ]);
};

const write = (path: string, text: string): void => {
  const full = join(app, path);
  mkdirSync(resolve(full, '..'), { recursive: true });
  writeFileSync(full, text);
};

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'stratalog-cdk-'));
  app = join(scratch, 'shop');
  mkdirSync(app);
  await run(app, CDK, ['init', 'app', '--language', 'typescript', '--generate-only']);
  // TypeScript 7 has no such resolution any more; this one does, and is there beside it by another name.
  const packages = [tarball, 'typescript-5@npm:typescript@~5.9.0'];
  await run(app, 'npm', ['install', '--no-audit', '--no-fund', ...packages]);
  write('lib/shop-stack.ts', STACK);
  write('bin/shop.ts', PROGRAM);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('an app as cdk init makes it', () => {
  it('is synthesized, types checked', async () => {
    expect(readFileSync(join(app, 'cdk.json'), 'utf8')).toContain('npx tsc &&');
    expectLog(await synthesized(app));
  });

  it('brings the bundles of the package', async () => {
    const { files } = JSON.parse(
      readFileSync(join(app, 'cdk.out/ShopStack.assets.json'), 'utf8'),
    ) as { files: Record<string, { source: { path: string } }> };
    const bundles = Object.values(files).map(({ source }) => join(app, 'cdk.out', source.path));
    const built = join(app, 'node_modules/stratalog/dist/functions/produce/index.mjs');
    const found = bundles.flatMap((path) => {
      try {
        return [readFileSync(join(path, 'index.mjs'), 'utf8')];
      } catch {
        return [];
      }
    });
    expect(found).toContain(readFileSync(built, 'utf8'));
  });
});

describe('an app of ES modules', () => {
  it('is synthesized, types of libraries checked too', async () => {
    write('esm/package.json', '{ "private": true, "type": "module" }');
    const compilerOptions = {
      target: 'es2022',
      module: 'nodenext',
      strict: true,
      skipLibCheck: false,
      noEmit: true,
      types: ['node'],
      allowImportingTsExtensions: true,
      erasableSyntaxOnly: true,
      verbatimModuleSyntax: true,
    };
    write('esm/tsconfig.json', JSON.stringify({ compilerOptions, include: ['bin', 'lib'] }));
    write('esm/cdk.json', '{ "app": "npx tsc -p . && node bin/shop.ts" }');
    write('esm/lib/shop-stack.ts', STACK);
    write('esm/bin/shop.ts', PROGRAM.replace('shop-stack', 'shop-stack.ts'));
    expectLog(await synthesized(join(app, 'esm')));
  });
});

describe('an app of CommonJS with resolution as in Node 10', () => {
  it('is synthesized, and knows the types of all entries', async () => {
    write('node10/package.json', '{ "private": true }');
    const compilerOptions = {
      target: 'es2022',
      lib: ['es2024', 'esnext', 'dom'],
      module: 'commonjs',
      moduleResolution: 'node10',
      strict: true,
      skipLibCheck: false,
      types: ['node'],
      outDir: 'out',
    };
    write('node10/tsconfig.json', JSON.stringify({ compilerOptions, include: ['bin', 'lib'] }));
    const tsc = join(app, 'node_modules/typescript-5/bin/tsc');
    write('node10/cdk.json', JSON.stringify({ app: `node ${tsc} -p . && node out/bin/shop.js` }));
    write('node10/lib/shop-stack.ts', STACK);
    write('node10/lib/entries.ts', ENTRIES);
    write('node10/bin/shop.ts', PROGRAM);
    expectLog(await synthesized(join(app, 'node10')));
  });
});
