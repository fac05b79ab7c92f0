/** Who a grant can be for: roles here, roles of other stacks, and those whom no policy here can be attached to. */
import { type App, PhysicalName, Stack, type StackProps } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import type { AccessGrant, ITopic } from '../../infra/index.ts';
import { Stratalog } from '../../infra/stratalog.ts';
import { Topic } from '../../infra/topic.ts';
import { isAllowed, listOf } from './iam.ts';
import { newApp } from './synth.ts';
import { idOf, type Json, statementsOf, type Template, templatesOf } from './templates.ts';

const OURS = { account: '111111111111', region: 'eu-central-1' };
const THEIRS = { account: '222222222222', region: 'eu-central-1' };

/** A stack with the log of another one, which takes grants as any other does, and a topic of it. */
const newLog = (app: App, props: StackProps = { env: OURS }) => {
  const stack = new Stack(app, 'Ours', props);
  const log = Stratalog.fromStackOutputs(stack, 'Log', { stackName: 'Stratalog' });
  return { stack, log, orders: Topic.fromTopicName(stack, 'Orders', { log, name: 'orders' }) };
};
const API = '<Stratalog:LogApiId>';

/** What becomes of one grant. */
const granting = (
  grant: (orders: ITopic, stack: Stack) => AccessGrant,
  props?: StackProps,
): { readonly granted: AccessGrant; readonly ours: Template } => {
  const app = newApp();
  const { stack, orders } = newLog(app, props);
  const granted = grant(orders, stack);
  return { granted, ours: templatesOf(app).Ours! };
};

const mayProduce = (template: Template, role: string, api = API): boolean =>
  isAllowed(statementsOf(template, role), {
    action: 'execute-api:Invoke',
    resource: `arn:aws:execute-api:eu-central-1:111111111111:${api}/$default/POST/topics/orders/records`,
  });

/** The one role to assume, its trust, and whether it may produce. */
const roleToAssumeIn = (template: Template) => {
  const id = idOf(template, 'AWS::IAM::Role', 'LogAccess');
  const [trust] = template.Resources[id]!.Properties.AssumeRolePolicyDocument.Statement as Json[];
  return { id, trust, mayProduce: mayProduce(template, id) };
};

describe('a principal of the account of the log', () => {
  it('gets a policy of its own, and no role to assume', () => {
    const { granted, ours } = granting((orders, stack) =>
      orders.grantProduce(
        new iam.Role(stack, 'App', { assumedBy: new iam.AccountRootPrincipal() }),
      ),
    );
    expect([granted.success, granted.roleToAssume]).toEqual([true, undefined]);
    expect(mayProduce(ours, idOf(ours, 'AWS::IAM::Role', 'App'))).toBe(true);
  });

  it('may be a role that is there already', () => {
    const { granted, ours } = granting((orders, stack) =>
      orders.grantProduce(
        iam.Role.fromRoleArn(stack, 'App', `arn:aws:iam::${OURS.account}:role/app`),
      ),
    );
    expect(granted.roleToAssume).toBeUndefined();
    const policy = Object.values(ours.Resources).find(({ Type }) => Type === 'AWS::IAM::Policy');
    expect(policy?.Properties.Roles).toEqual(['app']);
  });

  it('may be of another stack, of an account that is known when it is deployed', () => {
    const app = newApp();
    const ours = new Stack(app, 'Ours');
    const log = new Stratalog(ours, 'Log', { monitoring: 'none' });
    const theirs = new Stack(app, 'Theirs');
    const orders = Topic.fromTopicName(theirs, 'Orders', { log, name: 'orders' });
    const role = new iam.Role(theirs, 'App', { assumedBy: new iam.AccountRootPrincipal() });
    expect(orders.grantProduce(role).roleToAssume).toBeUndefined();
    const { Ours, Theirs } = templatesOf(app);
    const api = `<${idOf(Ours!, 'AWS::ApiGatewayV2::Api')}>`;
    expect(mayProduce(Theirs!, idOf(Theirs!, 'AWS::IAM::Role'), api)).toBe(true);
  });
});

describe('a principal of another account', () => {
  const theirAccount = new iam.AccountPrincipal(THEIRS.account);

  it('gets a role to assume, of the account of the log', () => {
    const { granted, ours } = granting((orders) => orders.grantProduce(theirAccount));
    const { id, trust, mayProduce } = roleToAssumeIn(ours);
    expect(granted.roleToAssume?.node.path).toMatch(/^Ours\/Log\/Access/);
    expect(trust).toMatchObject({
      Action: 'sts:AssumeRole',
      Principal: { AWS: `arn:aws:iam::${THEIRS.account}:root` },
    });
    expect(mayProduce).toBe(true);
    expect(statementsOf(ours, id).flatMap(({ Resource }) => listOf(Resource))).toHaveLength(4);
  });

  it('gets one role, whatever it is granted', () => {
    const { granted, ours } = granting((orders) => {
      const first = orders.grantProduce(new iam.AccountPrincipal(THEIRS.account));
      const second = orders.grantConsume(new iam.AccountPrincipal(THEIRS.account), 'billing');
      const third = orders.log.grantInvoke(new iam.AccountPrincipal(THEIRS.account));
      expect(second.roleToAssume).toBe(first.roleToAssume);
      expect(third.roleToAssume).toBe(first.roleToAssume);
      return first;
    });
    const statements = statementsOf(ours, roleToAssumeIn(ours).id);
    expect(granted.roleToAssume).toBeDefined();
    expect(new Set(statements.flatMap(({ Action }) => listOf(Action)))).toEqual(
      new Set(['execute-api:Invoke', 'lambda:InvokeFunction']),
    );
  });

  it('gets one for itself: what another one may do is in another role', () => {
    const { ours } = granting((orders) => {
      orders.grantConsume(new iam.AccountPrincipal('333333333333'));
      return orders.grantProduce(theirAccount);
    });
    const roles = Object.keys(ours.Resources).filter(
      (id) => ours.Resources[id]!.Type === 'AWS::IAM::Role',
    );
    expect(roles.map((id) => mayProduce(ours, id)).sort()).toEqual([false, true]);
  });

  it('gets one, too, when the account of the log is known only when it is deployed', () => {
    const { granted, ours } = granting((orders) => orders.grantProduce(theirAccount), {});
    expect(granted.roleToAssume).toBeDefined();
    expect(roleToAssumeIn(ours).mayProduce).toBe(true);
  });

  it('is allowed to assume it where that is for us to say', () => {
    const app = newApp();
    const { orders } = newLog(app);
    const theirs = new Stack(app, 'Theirs', { env: THEIRS });
    const role = new iam.Role(theirs, 'App', {
      assumedBy: new iam.AccountRootPrincipal(),
      roleName: PhysicalName.GENERATE_IF_NEEDED,
    });
    orders.grantProduce(role);
    const { Ours, Theirs } = templatesOf(app);
    const { id, trust, mayProduce } = roleToAssumeIn(Ours!);
    const [allowed] = statementsOf(Theirs!, idOf(Theirs!, 'AWS::IAM::Role', 'App'));
    expect(mayProduce).toBe(true);
    expect(trust.Principal.AWS).toBe(
      `arn:aws:iam::${THEIRS.account}:role/${Theirs!.Resources[idOf(Theirs!, 'AWS::IAM::Role', 'App')]!.Properties.RoleName}`,
    );
    expect(allowed).toMatchObject({
      Action: 'sts:AssumeRole',
      Resource: `arn:aws:iam::${OURS.account}:role/${Ours!.Resources[id]!.Properties.RoleName}`,
    });
  });
});

describe('a principal that has no policies', () => {
  it.each([
    [
      'a service',
      new iam.ServicePrincipal('pipes.amazonaws.com'),
      { Service: 'pipes.amazonaws.com' },
    ],
    [
      'an ARN',
      new iam.ArnPrincipal(`arn:aws:iam::${OURS.account}:role/app`),
      { AWS: `arn:aws:iam::${OURS.account}:role/app` },
    ],
    ['an organization', new iam.OrganizationPrincipal('o-1234567890'), { AWS: '*' }],
  ])('gets a role to assume: %s', (_what, principal, Principal) => {
    const { granted, ours } = granting((orders) => orders.grantProduce(principal));
    const { trust, mayProduce } = roleToAssumeIn(ours);
    expect(granted.success).toBe(true);
    expect(trust).toMatchObject({ Principal });
    expect(mayProduce).toBe(true);
  });

  it('keeps its conditions', () => {
    const { ours } = granting((orders) =>
      orders.grantProduce(new iam.OrganizationPrincipal('o-1234567890')),
    );
    expect(roleToAssumeIn(ours).trust.Condition).toEqual({
      StringEquals: { 'aws:PrincipalOrgID': 'o-1234567890' },
    });
  });

  it.each([
    ['AnyPrincipal', new iam.AnyPrincipal()],
    ['StarPrincipal', new iam.StarPrincipal()],
  ])('cannot be everybody: %s', (_name, everybody) => {
    const { orders, log } = newLog(newApp());
    expect(() => orders.grantProduce(everybody)).toThrow(/Ours\/Log cannot be opened to everybody/);
    expect(() => log.grantAdmin(everybody)).toThrow(/Name accounts, roles or an organization/);
  });
});
