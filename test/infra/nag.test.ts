/** cdk-nag's AwsSolutions: no finding of a log is left without a reason, and no reason without a finding. */
import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { StratalogProps } from '../../infra/props.ts';
import { Stratalog } from '../../infra/stratalog.ts';
import { newApp } from './synth.ts';

const CONFIGURATIONS: Readonly<Record<string, (stack: Stack) => StratalogProps>> = {
  'as it is': () => ({}),
  'with everything': (stack) => ({
    // The network is the user's, and so would its findings be.
    vpc: Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-12345678',
      availabilityZones: ['eu-central-1a'],
      isolatedSubnetIds: ['subnet-12345678'],
    }),
    encryptionKey: new Key(stack, 'Key', { enableKeyRotation: true }),
    monitoring: 'full',
    accessLogs: true,
    gatewayEndpoints: false,
  }),
  'to be thrown away': () => ({ removalPolicy: RemovalPolicy.DESTROY, monitoring: 'none' }),
};

/** `Stratalog/Log/Bucket: S1`; the checks name the resource, below what CDK calls the construct. */
const findingsOf = (stack: Stack): readonly string[] =>
  new AwsSolutionsChecks(stack)
    .validateScope(stack)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(
        ({ constructPath }) => `${constructPath?.replace(/\/Resource$/, '')}: ${ruleName}`,
      ),
    )
    .sort();

const newStack = (configuration: string): Stack => {
  const stack = new Stack(newApp(), 'Stratalog');
  new Stratalog(stack, 'Log', CONFIGURATIONS[configuration]!(stack));
  return stack;
};

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe.each(Object.keys(CONFIGURATIONS))('a log %s', (configuration) => {
  it('has an explanation, of some length, for each finding and for nothing else', () => {
    const explained: string[] = [];
    const of = Validations.of.bind(Validations);
    vi.spyOn(Validations, 'of').mockImplementation((scope: IConstruct) => {
      const validations = of(scope);
      vi.spyOn(validations, 'acknowledge').mockImplementation(({ id, reason }) => {
        expect(reason.length, id).toBeGreaterThan(30);
        explained.push(`${scope.node.path}: ${id}`);
      });
      return validations;
    });
    const findings = findingsOf(newStack(configuration));
    expect(findings.length).toBeGreaterThan(5);
    expect(explained.sort()).toEqual(findings);
  });
});

describe('the checks', () => {
  it('notice what nobody explained', () => {
    const stack = newStack('as it is');
    new Key(stack, 'Unrotated');
    expect(findingsOf(stack)).toEqual(['Stratalog/Unrotated: AwsSolutions-KMS5']);
  });

  it('let a whole app pass that uses them as users do, and so do the schemas of CloudFormation', () => {
    vi.stubEnv('CDK_VALIDATION', 'true');
    const app = newApp();
    const stack = new Stack(app, 'Stratalog');
    new Stratalog(stack, 'Log', CONFIGURATIONS['with everything']!(stack));
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    expect(() => app.synth()).not.toThrow();
  });
});
