/** The app that a clone deploys, and what the command line can choose of it. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { BUNDLES, SCRATCH } from './bundles.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

let runs = 0;
/** What `cdk synth -c …` has the app do. */
const appWith = async (settings: object) => {
  const out = join(SCRATCH, `cdk-out-${++runs}`);
  const context = {
    ...JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')).context,
    ...BUNDLES,
  };
  const env = { CDK_OUTDIR: out, CDK_CONTEXT_JSON: JSON.stringify({ ...context, ...settings }) };
  await run(process.execPath, ['infra/app.ts'], { cwd: ROOT, env: { ...process.env, ...env } });
  const stack = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')).artifacts.Stratalog;
  const { Resources } = JSON.parse(readFileSync(join(out, 'Stratalog.template.json'), 'utf8'));
  const of = (type: string): { Properties: Record<string, unknown>; DeletionPolicy?: string }[] =>
    Object.values<{ Type: string; Properties: Record<string, unknown> }>(Resources).filter(
      ({ Type }) => Type === type,
    );
  return { stack, of };
};

describe.concurrent('the app', () => {
  it('is one stack with a log as it is', async () => {
    const { stack, of } = await appWith({});
    expect(stack.properties.stackName ?? 'Stratalog').toBe('Stratalog');
    expect(of('AWS::CloudWatch::Alarm')).toHaveLength(14);
    expect(of('AWS::SNS::Topic')).toHaveLength(0);
    expect(of('AWS::DynamoDB::Table')).toMatchObject([{ DeletionPolicy: 'Retain' }]);
  });

  it('takes its settings from the command line, where all are texts', async () => {
    const { stack, of } = await appWith({
      stackName: 'Orders',
      monitoring: 'full',
      alarmEmail: 'ops@example.com',
      removalPolicy: 'destroy',
      logLevel: 'DEBUG',
      metricTopics: 'orders,clicks',
      maxReadUnits: '500',
      maxWriteUnits: '400',
    });
    expect(stack.properties.stackName).toBe('Orders');
    expect(of('AWS::DynamoDB::Table')).toMatchObject([
      {
        DeletionPolicy: 'Delete',
        Properties: {
          DeletionProtectionEnabled: false,
          OnDemandThroughput: { MaxReadRequestUnits: 500, MaxWriteRequestUnits: 400 },
        },
      },
    ]);
    const variables = { POWERTOOLS_LOG_LEVEL: 'DEBUG', STRATALOG_METRIC_TOPICS: 'orders,clicks' };
    expect(of('AWS::Lambda::Function')).toContainEqual(
      expect.objectContaining({
        Properties: expect.objectContaining({
          Environment: { Variables: expect.objectContaining(variables) },
        }),
      }),
    );
    expect(of('AWS::CloudWatch::Dashboard')).toHaveLength(1);
    for (const { Properties } of of('AWS::CloudWatch::Alarm')) {
      expect(Properties.AlarmActions).toEqual([{ Ref: expect.stringMatching(/^AlarmEmail/) }]);
    }
    expect(of('AWS::SNS::Subscription')).toMatchObject([
      { Properties: { Protocol: 'email', Endpoint: 'ops@example.com' } },
    ]);
    // Alarms of this account may publish, and nobody in the clear.
    const [policy] = of('AWS::SNS::TopicPolicy');
    const { Statement } = policy!.Properties.PolicyDocument as { Statement: object[] };
    expect(Statement).toMatchObject([
      { Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      {
        Effect: 'Allow',
        Action: 'sns:Publish',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      },
    ]);
  });

  it('tells all at once what is wrong with what was typed', async () => {
    const settings = { monitoring: 'loud', removalPolicy: 'Destroy', maxWriteUnits: 'many' };
    const failure = await appWith(settings).catch(({ stderr }: { stderr: string }) => stderr);
    expect(failure).toContain('The log Stratalog/Log cannot work with 3 settings:');
    expect(failure).toContain('  removalPolicy is "Destroy"; legal is "retain",');
    expect(failure).toContain('  maxOnDemandThroughput.writeUnitsPerSecond is "many"; legal are');
    expect(failure).toContain('  monitoring is "loud"; legal is "none", "alarms", "full"');
  });

  it('says what to run when the functions were not built', async () => {
    const failure = await appWith({ 'stratalog:bundles': SCRATCH }).catch(({ stderr }) => stderr);
    expect(failure).toContain('There is no bundle of the function topics in');
    expect(failure).toContain('npm run build:functions');
  });
});
