/**
 * The policies of a synthesized stack: who may do what, request by request, and that it is noticed when one of
 * them says more, or less, than it should.
 */
import { Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, it } from 'vitest';
import { Stratalog } from '../../infra/stratalog.ts';
import { Topic } from '../../infra/topic.ts';
import { ROUTES, type RouteName } from '../../lib/http/routes.ts';
import { expectationsOf, findingsOf, type Grantee } from './policy-checks.ts';
import { mutantsOf } from './policy-mutants.ts';
import { GROUP, GROUP_SEGMENT, OTHER_TOPIC, type PossibleRequest, TOPIC } from './requests.ts';
import { newApp } from './synth.ts';
import { policiesOf, templatesOf } from './templates.ts';

/** A log that has all that makes policies longer, and somebody for each grant. */
const synthesizeGrants = () => {
  const app = newApp();
  const stack = new Stack(app, 'Granted');
  const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-12345678',
    availabilityZones: ['eu-central-1a'],
    isolatedSubnetIds: ['subnet-12345678'],
  });
  const log = new Stratalog(stack, 'Log', {
    encryptionKey: new Key(stack, 'Key'),
    vpc,
    gatewayEndpoints: false,
  });
  const orders = Topic.fromTopicName(stack, 'Orders', { log, name: TOPIC });
  const caller = (id: string): Role =>
    new Role(stack, id, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  orders.grantProduce(caller('Producer'));
  orders.grantConsume(caller('Consumer'), GROUP);
  orders.grantConsume(caller('Reader'));
  log.grantAdmin(caller('Admin'));
  log.grantInvoke(caller('Invoker'));
  const both = caller('Both');
  orders.grantProduce(both);
  Topic.fromTopicName(stack, 'Audit', { log, name: OTHER_TOPIC }).grantConsume(both);
  return templatesOf(app).Granted!;
};

const routes = (names: readonly RouteName[], { route }: PossibleRequest): boolean =>
  names.includes(route.name);
const reads =
  (topic: string) =>
  (request: PossibleRequest): boolean =>
    request.topic === topic &&
    routes(['describeTopic', 'listOffsets', 'fetch', 'fetchPartition'], request);
const appends = (request: PossibleRequest): boolean =>
  (request.topic === TOPIC && routes(['describeTopic', 'listOffsets', 'produce'], request)) ||
  routes(['initProducer'], request);
const commits = (request: PossibleRequest): boolean =>
  request.group === GROUP_SEGMENT && routes(['commitOffsets', 'fetchOffsets'], request);

const GRANTEES: readonly Grantee[] = [
  { role: 'Producer', may: appends },
  { role: 'Consumer', may: (request) => reads(TOPIC)(request) || commits(request) },
  { role: 'Reader', may: reads(TOPIC) },
  { role: 'Admin', may: () => true, isWide: true },
  { role: 'Invoker', may: () => false, mayInvoke: true },
  { role: 'Both', may: (request) => appends(request) || reads(OTHER_TOPIC)(request) },
];

const template = synthesizeGrants();
const expectations = expectationsOf(template, GRANTEES);

describe('every policy', () => {
  it('allows what it is for, and nothing else', () => {
    expect([...findingsOf(template, expectations)]).toEqual([]);
  });

  it('is that of a role that somebody knows', () => {
    const known = new Map(expectations);
    known.delete([...known.keys()].at(-1)!);
    expect([...findingsOf(template, known)].join()).toMatch(/nobody knows what this role is for/);
  });

  it('is looked at request by request', () => {
    const counts = [...expectations.values()].map((expected) => ({
      allowed: expected.filter(({ allowed }) => allowed).length,
      refused: expected.filter(({ allowed }) => !allowed).length,
    }));
    expect(Math.min(...counts.map(({ allowed }) => allowed))).toBeGreaterThan(0);
    expect(Math.min(...counts.map(({ refused }) => refused))).toBeGreaterThan(9);
  });
});

describe('a policy that is changed', () => {
  it('is noticed, whatever is widened or taken away', () => {
    const copy = structuredClone(template);
    const survivors: string[] = [];
    let count = 0;
    for (const { name, roles } of mutantsOf(copy)) {
      count++;
      const isOfIt = (role: string): boolean => roles.includes(role);
      const { done } = findingsOf(copy, expectations, isOfIt).next();
      if (done === true) survivors.push(name);
    }
    expect(survivors).toEqual([]);
    expect(count).toBeGreaterThan(300);
    expect(copy).toEqual(template);
  });

  it('is noticed by the policy of somebody else, too', () => {
    const copy = structuredClone(template);
    const [role] = Object.keys(copy.Resources).filter((id) => id.startsWith('LogFetchRole'));
    copy.Resources[role!]!.Properties.ManagedPolicyArns = ['arn:aws:iam::aws:policy/ReadOnly'];
    expect([...findingsOf(copy, expectations)]).toEqual([`${role} has a policy that is not ours`]);
  });
});

describe('the API', () => {
  const all = Object.values(template.Resources).filter(
    ({ Type }) => Type === 'AWS::ApiGatewayV2::Route',
  );

  it('asks IAM on every route', () => {
    expect(all.map(({ Properties }) => Properties.RouteKey).sort()).toEqual(
      ROUTES.map(({ method, path }) => `${method} ${path}`).sort(),
    );
    expect(all.filter(({ Properties }) => Properties.AuthorizationType !== 'AWS_IAM')).toEqual([]);
  });

  it('has the one stage that policies name', () => {
    const stages = Object.values(template.Resources).filter(
      ({ Type }) => Type === 'AWS::ApiGatewayV2::Stage',
    );
    expect(stages.map(({ Properties }) => Properties.StageName)).toEqual(['$default']);
  });

  it('has policies of roles only: nothing lets somebody in by itself', () => {
    expect(policiesOf(template).filter(({ roles }) => roles.length !== 1)).toEqual([]);
  });
});
