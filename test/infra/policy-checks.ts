/**
 * What must hold of the policies in a template: each principal may do exactly what it is for, tried request by
 * request, and nothing is written with a `*` that has no reason.
 */
import { GRANT_WILDCARDS } from '../../infra/grants.ts';
import {
  FUNCTION_NAMES,
  HTTP_FUNCTIONS,
  type LogFunction,
  idOf as nameOf,
} from '../../infra/names.ts';
import { BLOB_ACTIONS, ITEM_ACTIONS, PERMISSIONS, WILDCARDS } from '../../infra/permissions.ts';
import { type Ask, isAllowed, listOf, type Statement } from './iam.ts';
import { POSSIBLE_REQUESTS, type PossibleRequest } from './requests.ts';
import { idOf, PSEUDO, policiesOf, statementsOf, type Template } from './templates.ts';

/** Somebody who was granted something. */
export interface Grantee {
  /** With what the logical id of the role begins. */
  readonly role: string;
  readonly may: (request: PossibleRequest) => boolean;
  readonly mayInvoke?: boolean;
  /** Whether `*` in its policies may stand for paths that are no route, where API Gateway answers 404. */
  readonly isWide?: boolean;
}

/** Something asked by a principal, and what is to become of it. */
interface Expectation {
  readonly ask: Ask;
  readonly allowed: boolean;
}

const OTHER = '<Other.Arn>';

// ── callers of the API ───────────────────────────────────────────────────────────────────────────

const METHODS = ['GET', 'POST', 'PATCH', 'DELETE', 'PUT', 'HEAD', 'OPTIONS'];
const UNROUTED = [
  '/',
  '/other',
  '/other/orders',
  '/other/orders/offsets',
  '/groups',
  '/producers/1',
];

const arn = (service: string, resource: string, region: string = PSEUDO['AWS::Region']): string =>
  `arn:aws:${service}:${region}:${PSEUDO['AWS::AccountId']}:${resource}`;

const callerExpectations = (
  template: Template,
  { may, mayInvoke = false, isWide = false }: Grantee,
): Expectation[] => {
  const api = `<${idOf(template, 'AWS::ApiGatewayV2::Api')}>`;
  const invoke = (path: string, allowed: boolean, action = 'execute-api:Invoke'): Expectation => ({
    ask: { action, resource: arn('execute-api', path) },
    allowed,
  });
  const routed = POSSIBLE_REQUESTS.map((request) =>
    invoke(`${api}/$default/${request.route.method}${request.path}`, may(request)),
  );
  const isRoute = new Set(routed.map(({ ask }) => ask.resource));
  const otherMethods = POSSIBLE_REQUESTS.flatMap(({ path }) =>
    METHODS.map((method) => invoke(`${api}/$default/${method}${path}`, false)),
  ).filter(({ ask }) => !isWide && !isRoute.has(ask.resource));
  const elsewhere = POSSIBLE_REQUESTS.filter(may).flatMap(({ path, route: { method } }) => [
    invoke(`<Other>/$default/${method}${path}`, false),
    invoke(`${api}/prod/${method}${path}`, false),
    invoke(`${api}/$default/${method}${path}`, false, 'execute-api:ManageConnections'),
    {
      ask: {
        action: 'execute-api:Invoke',
        resource: arn('execute-api', `${api}/$default/${method}${path}`, 'us-west-1'),
      },
      allowed: false,
    },
  ]);
  const unrouted = UNROUTED.flatMap((path) =>
    METHODS.map((method) => invoke(`${api}/$default/${method}${path}`, false)),
  );
  const functions = FUNCTION_NAMES.flatMap((name) => {
    const resource = functionArn(template, name);
    const isHttp = HTTP_FUNCTIONS.some((http) => http === name);
    return [
      { ask: { action: 'lambda:InvokeFunction', resource }, allowed: isHttp && mayInvoke },
      { ask: { action: 'lambda:UpdateFunctionCode', resource }, allowed: false },
    ];
  });
  return [...routed, ...otherMethods, ...elsewhere, ...unrouted, ...functions, ...never(ELSEWHERE)];
};

/** What calls the maintenance may call nothing else. */
const scheduleExpectations = (template: Template): Expectation[] => [
  ...FUNCTION_NAMES.map((name) => ({
    ask: { action: 'lambda:InvokeFunction', resource: functionArn(template, name) },
    allowed: name === 'maintain',
  })),
  {
    ask: { action: 'lambda:UpdateFunctionCode', resource: functionArn(template, 'maintain') },
    allowed: false,
  },
  ...never(ELSEWHERE),
];

const functionArn = (template: Template, name: LogFunction): string =>
  `<${idOf(template, 'AWS::Lambda::Function', `Log${nameOf(name)}`)}.Arn>`;

const ELSEWHERE: readonly Ask[] = [
  { action: 'lambda:InvokeFunction', resource: OTHER },
  { action: 'dynamodb:GetItem', resource: OTHER },
  { action: 's3:GetObject', resource: OTHER },
  { action: 'sts:AssumeRole', resource: OTHER },
];

const never = (asks: readonly Ask[]): Expectation[] => asks.map((ask) => ({ ask, allowed: false }));

// ── functions ────────────────────────────────────────────────────────────────────────────────────

/** Keys of items as the store has them, and the patterns of the table that mean them. */
const KEYS: Readonly<Record<string, string>> = {
  TOPICS: 'TOPICS',
  DELETED: 'DELETED',
  COUNTERS: 'COUNTERS',
  CLUSTER: 'CLUSTER',
  'P#5f3c#0': 'P#*',
  'GROUP#billing': 'GROUP#*',
  BROKERS: 'BROKERS',
};
const OBJECTS: Readonly<Record<string, string>> = {
  'wal/a/0c': 'wal/*',
  'segments/5f3c/0/0.log': 'segments/*',
  other: 'other',
};
const OTHER_ITEM_ACTIONS = [
  'Scan',
  'BatchWriteItem',
  'PartiQLSelect',
  'DeleteTable',
  'DescribeTable',
];
const OTHER_BLOB_ACTIONS = ['s3:DeleteObject', 's3:GetObjectVersion', 's3:PutObjectAcl'];

const storeExpectations = (template: Template, name: LogFunction): Expectation[] => {
  const { items, blobs } = PERMISSIONS[name];
  const table = `<${idOf(template, 'AWS::DynamoDB::Table')}.Arn>`;
  const bucket = `<${idOf(template, 'AWS::S3::Bucket', 'LogBucket')}.Arn>`;
  const itemsOf = (action: string, keys: readonly string[], resource = table): Ask => ({
    action,
    resource,
    context: { 'dynamodb:LeadingKeys': keys },
  });
  const verbs = Object.entries(ITEM_ACTIONS) as [keyof typeof ITEM_ACTIONS, string][];
  const ofItems = verbs.flatMap(([verb, action]) =>
    Object.entries(KEYS).flatMap(([key, pattern]): Expectation[] => {
      const allowed = items[verb]?.includes(pattern) === true;
      return [
        { ask: itemsOf(action, [key]), allowed },
        // One call for many keys is allowed only if all are.
        { ask: itemsOf(action, [key, 'BROKERS']), allowed: false },
        { ask: itemsOf(action, [key], OTHER), allowed: false },
        { ask: itemsOf(action, [key], `${table}/index/due`), allowed: false },
      ];
    }),
  );
  const objects = Object.entries(BLOB_ACTIONS) as [keyof typeof BLOB_ACTIONS, string][];
  const ofObjects = objects.flatMap(([verb, action]) =>
    Object.entries(OBJECTS).flatMap(([key, pattern]): Expectation[] => [
      {
        ask: { action, resource: `${bucket}/${key}` },
        allowed: blobs[verb]?.includes(pattern) === true,
      },
      { ask: { action, resource: `${OTHER}/${key}` }, allowed: false },
    ]),
  );
  const list = (resource: string): Ask => ({ action: 's3:ListBucket', resource });
  return [
    ...ofItems,
    ...ofObjects,
    { ask: list(bucket), allowed: blobs.get !== undefined },
    ...never([
      list(OTHER),
      ...OTHER_ITEM_ACTIONS.map((action) => itemsOf(`dynamodb:${action}`, ['TOPICS'])),
      ...OTHER_BLOB_ACTIONS.map((action) => ({ action, resource: `${bucket}/wal/a/0c` })),
    ]),
    ...keyExpectations(template, name),
  ];
};

const KEY_ACTIONS = [
  'Decrypt',
  'DescribeKey',
  'Encrypt',
  'GenerateDataKey',
  'ReEncryptFrom',
  'ReEncryptTo',
];

const keyExpectations = (template: Template, name: LogFunction): Expectation[] => {
  const { items, blobs } = PERMISSIONS[name];
  const key = `<${idOf(template, 'AWS::KMS::Key')}.Arn>`;
  const reads = Object.keys(items).length > 0;
  const writes = items.put !== undefined || items.update !== undefined;
  const through = (action: string, service: string, resource = key): Ask => ({
    action: `kms:${action}`,
    resource,
    context: { 'kms:ViaService': `${service}.eu-central-1.amazonaws.com` },
  });
  return [
    ...KEY_ACTIONS.flatMap((action): Expectation[] => [
      {
        ask: through(action, 'dynamodb'),
        allowed: action === 'Decrypt' || action === 'DescribeKey' ? reads : writes,
      },
      {
        ask: through(action, 's3'),
        allowed:
          (action === 'Decrypt' && blobs.get !== undefined) ||
          (action === 'GenerateDataKey' && blobs.put !== undefined),
      },
      ...never([
        { action: `kms:${action}`, resource: key },
        through(action, 'ec2'),
        through(action, 'dynamodb', OTHER),
        through(action, 's3', OTHER),
      ]),
    ]),
    ...never(['dynamodb', 's3'].map((service) => through('ScheduleKeyDeletion', service))),
  ];
};

const NETWORK = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

const runtimeExpectations = (template: Template, name: LogFunction): Expectation[] => {
  const logs = `<${idOf(template, 'AWS::Logs::LogGroup', `Log${nameOf(name)}Logs`)}.Arn>`;
  const byCode = { 'lambda:SourceFunctionArn': functionArn(template, name) };
  const allow = (action: string, resource: string, allowed = true): Expectation => ({
    ask: { action, resource },
    allowed,
  });
  // Nobody traces what a schedule calls.
  const isTraced = name !== 'maintain';
  return [
    allow('logs:CreateLogStream', logs),
    allow('logs:PutLogEvents', logs),
    allow('xray:PutTraceSegments', '*', isTraced),
    allow('xray:PutTelemetryRecords', '*', isTraced),
    ...NETWORK.map((action) => allow(action, '*')),
    ...never([
      ...NETWORK.map((action) => ({ action, resource: '*', context: byCode })),
      { action: 'logs:PutLogEvents', resource: OTHER },
      { action: 'logs:CreateLogStream', resource: OTHER },
      { action: 'logs:DeleteLogStream', resource: logs },
      { action: 'xray:GetTraceSummaries', resource: '*' },
      { action: 'ec2:RunInstances', resource: '*' },
      ...ELSEWHERE,
    ]),
  ];
};

// ── the whole ────────────────────────────────────────────────────────────────────────────────────

const unreasoned = (id: string, { Action, Resource, Effect }: Statement): readonly string[] => {
  const findings = listOf(Action)
    .filter((action) => action.includes('*'))
    .map((action) => `${id}: the action ${action}`);
  if (Effect === 'Deny') return findings;
  for (const resource of listOf(Resource).filter((one) => one.includes('*'))) {
    for (const action of listOf(Action)) {
      const hasReason = [...WILDCARDS, ...GRANT_WILDCARDS].some(
        (known) => known.actions.test(action) && known.resource.test(resource),
      );
      if (!hasReason)
        findings.push(`${id}: ${action} on ${resource}, for which there is no reason`);
    }
  }
  return findings;
};

function* broken(
  id: string,
  statements: readonly Statement[],
  expectations: readonly Expectation[],
): Generator<string> {
  for (const { ask, allowed } of expectations) {
    if (isAllowed(statements, ask) === allowed) continue;
    const context = ask.context === undefined ? '' : ` with ${JSON.stringify(ask.context)}`;
    yield `${id} ${allowed ? 'may not' : 'may'} ${ask.action} on ${ask.resource}${context}`;
  }
}

/** What each role must be able to do, by its logical id; once a template, as nothing here looks at policies. */
export const expectationsOf = (
  template: Template,
  grantees: readonly Grantee[],
): ReadonlyMap<string, readonly Expectation[]> => {
  const role = (prefix: string): string => idOf(template, 'AWS::IAM::Role', prefix);
  return new Map([
    ...FUNCTION_NAMES.map((name): [string, Expectation[]] => [
      role(`Log${nameOf(name)}Role`),
      [...storeExpectations(template, name), ...runtimeExpectations(template, name)],
    ]),
    [role('LogScheduleRole'), scheduleExpectations(template)],
    ...grantees.map((grantee): [string, Expectation[]] => [
      role(grantee.role),
      callerExpectations(template, grantee),
    ]),
  ]);
};

/** Everything that is wrong with the policies of a template; of what roles may do, with those of `only`. */
export function* findingsOf(
  template: Template,
  expectations: ReadonlyMap<string, readonly Expectation[]>,
  only: (role: string) => boolean = () => true,
): Generator<string> {
  for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
    if (Type !== 'AWS::IAM::Role') continue;
    if (!expectations.has(id)) yield `${id}: nobody knows what this role is for`;
    if ((Properties.ManagedPolicyArns ?? []).length > 0)
      yield `${id} has a policy that is not ours`;
  }
  for (const { id, statements } of policiesOf(template)) {
    for (const statement of statements) yield* unreasoned(id, statement);
  }
  for (const [id, expected] of expectations) {
    if (only(id)) yield* broken(id, statementsOf(template, id), expected);
  }
}
