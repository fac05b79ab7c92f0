/**
 * What the role of each function may do, and nothing else: one table, in the words of the two ports.
 *
 *   function ── verb of a port ── keys          `test/infra/permissions.test.ts` runs every verb of every
 *                   │               │           function and compares: the table allows all that the code
 *                   ▼               ▼           does, and nothing that it does not
 *             IAM's actions   dynamodb:LeadingKeys, S3's ARNs
 *
 * An item's partition key is all that IAM can tell items apart by, so what may put a row of a partition may
 * put its head as well. Which topic or group a caller may name is said by the grants, on the API's path.
 */
import { Stack } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { idOf, type LogFunction } from './names.ts';

/** Verbs of the port `ItemStore`; `due` waits for the maintenance that asks for it. */
export const ITEM_ACTIONS = {
  get: 'dynamodb:GetItem',
  getMany: 'dynamodb:BatchGetItem',
  query: 'dynamodb:Query',
  put: 'dynamodb:PutItem',
  update: 'dynamodb:UpdateItem',
  delete: 'dynamodb:DeleteItem',
} as const;

/** Verbs of the port `BlobStore`. */
export const BLOB_ACTIONS = {
  get: 's3:GetObject',
  put: 's3:PutObject',
} as const;

export type ItemVerb = keyof typeof ITEM_ACTIONS;
export type BlobVerb = keyof typeof BLOB_ACTIONS;

/** Partition keys (`lib/storage/keys/`), with `*` for what follows. */
const TOPICS = 'TOPICS';
const DELETED = 'DELETED';
const COUNTERS = 'COUNTERS';
const CLUSTER = 'CLUSTER';
const PARTITIONS = 'P#*';
const GROUPS = 'GROUP#*';

/** Keys of objects (`lib/log/wal.ts`). */
const WAL = 'wal/*';

/** What one function does to the stores: verb → keys. */
export interface Permissions {
  readonly items: Partial<Readonly<Record<ItemVerb, readonly string[]>>>;
  readonly blobs: Partial<Readonly<Record<BlobVerb, readonly string[]>>>;
}

/** The table. */
export const PERMISSIONS: Readonly<Record<LogFunction, Permissions>> = {
  /** Records are deleted by moving a head's start, topics by tombstones: of items only names are deleted. */
  topics: {
    items: {
      get: [TOPICS, DELETED, COUNTERS, CLUSTER, PARTITIONS],
      getMany: [DELETED, PARTITIONS],
      query: [TOPICS, PARTITIONS],
      put: [TOPICS, DELETED, CLUSTER, PARTITIONS],
      update: [TOPICS, PARTITIONS],
      delete: [TOPICS],
    },
    blobs: {},
  },
  produce: {
    items: {
      get: [TOPICS, DELETED, PARTITIONS],
      getMany: [PARTITIONS],
      query: [PARTITIONS],
      put: [PARTITIONS],
      update: [COUNTERS, PARTITIONS],
    },
    blobs: { put: [WAL] },
  },
  fetch: {
    items: {
      get: [TOPICS, DELETED, PARTITIONS],
      getMany: [PARTITIONS],
      query: [PARTITIONS],
    },
    blobs: { get: [WAL] },
  },
  commit: {
    items: {
      get: [TOPICS, DELETED, GROUPS],
      query: [GROUPS],
      update: [GROUPS],
    },
    blobs: {},
  },
  /** Has nothing to do yet. */
  maintain: { items: {}, blobs: {} },
  'topic-resource': {
    items: {
      get: [TOPICS, DELETED, COUNTERS, PARTITIONS],
      getMany: [PARTITIONS],
      put: [TOPICS, DELETED, PARTITIONS],
      update: [TOPICS, PARTITIONS],
      delete: [TOPICS],
    },
    blobs: {},
  },
};

/** What all functions work on. */
export interface Stores {
  readonly table: Table;
  readonly bucket: Bucket;
  /** What both are encrypted with, when that is a key of the user's. */
  readonly encryptionKey?: IKey | undefined;
}

const allow = (
  actions: readonly string[],
  resources: readonly string[],
  conditions?: iam.Conditions,
): iam.PolicyStatement =>
  new iam.PolicyStatement({
    actions: [...actions],
    resources: [...resources],
    ...(conditions === undefined ? {} : { conditions }),
  });

/** Verbs by what they may be done to, so that verbs of the same keys share a statement. */
const byKeys = <Verb extends string>(
  allowed: Partial<Readonly<Record<Verb, readonly string[]>>>,
): readonly (readonly [keys: readonly string[], verbs: readonly Verb[]])[] => {
  const groups = new Map<string, Verb[]>();
  for (const [verb, keys] of Object.entries(allowed) as [Verb, readonly string[]][]) {
    const name = keys.join('\n');
    groups.set(name, [...(groups.get(name) ?? []), verb]);
  }
  return [...groups].map(([keys, verbs]) => [keys.split('\n'), verbs]);
};

/** Each of these calls names its keys, so that `ForAllValues`, which holds of none at all, is never asked of none. */
const itemStatements = ({ items }: Permissions, { table }: Stores): iam.PolicyStatement[] =>
  byKeys(items).map(([keys, verbs]) =>
    allow(
      verbs.map((verb) => ITEM_ACTIONS[verb]),
      [table.tableArn],
      { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys } },
    ),
  );

/**
 * Who may not list a bucket is told 403 of an object that is not there, where the code waits for 404: so
 * whoever reads may list, and without a condition on the prefix, as the read of an object has none.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
const blobStatements = ({ blobs }: Permissions, { bucket }: Stores): iam.PolicyStatement[] => {
  const statements = byKeys(blobs).map(([keys, verbs]) =>
    allow(
      verbs.map((verb) => BLOB_ACTIONS[verb]),
      keys.map((key) => bucket.arnForObjects(key)),
    ),
  );
  if (blobs.get !== undefined) statements.push(allow(['s3:ListBucket'], [bucket.bucketArn]));
  return statements;
};

/** Only by way of the two services, so that the key opens nothing else. */
const keyStatements = (
  { items, blobs }: Permissions,
  { table, encryptionKey }: Stores,
): iam.PolicyStatement[] => {
  if (encryptionKey === undefined) return [];
  const { region, urlSuffix } = Stack.of(table);
  const through = (service: string, actions: readonly string[]): iam.PolicyStatement =>
    allow(actions, [encryptionKey.keyArn], {
      StringEquals: { 'kms:ViaService': `${service}.${region}.${urlSuffix}` },
    });
  const writesItems = items.put !== undefined || items.update !== undefined;
  const statements: iam.PolicyStatement[] = [];
  if (Object.keys(items).length > 0) {
    statements.push(
      through('dynamodb', [
        'kms:Decrypt',
        'kms:DescribeKey',
        ...(writesItems
          ? ['kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo']
          : []),
      ]),
    );
  }
  const ofObjects = [
    ...(blobs.get === undefined ? [] : ['kms:Decrypt']),
    ...(blobs.put === undefined ? [] : ['kms:GenerateDataKey']),
  ];
  if (ofObjects.length > 0) statements.push(through('s3', ofObjects));
  return statements;
};

/** What is not of the stores: a log group of its own, traces, and network interfaces where there is a network. */
const runtimeStatements = ({ logGroup, isTraced, inVpc }: RoleProps): iam.PolicyStatement[] => {
  const statements = [allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn])];
  if (isTraced) {
    statements.push(allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], ['*']));
  }
  if (!inVpc) return statements;
  // Lambda itself makes them, by this role. The code that runs in the function is not to.
  const ofNobody = new iam.PolicyStatement({
    effect: iam.Effect.DENY,
    actions: [...NETWORK_ACTIONS],
    resources: ['*'],
    conditions: { Null: { 'lambda:SourceFunctionArn': 'false' } },
  });
  return [...statements, allow(NETWORK_ACTIONS, ['*']), ofNobody];
};

const NETWORK_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
] as const;

/** A `*` in the resources of a policy of ours. */
export interface Wildcard {
  readonly actions: RegExp;
  readonly resource: RegExp;
  /** Why it is there. */
  readonly reason: string;
}

/** Every one of them in the roles of the functions. */
export const WILDCARDS: readonly Wildcard[] = [
  {
    actions: /^s3:(Get|Put)Object$/,
    resource: /^[^*]*\/wal\/\*$/,
    reason: 'Objects have random names below one prefix.',
  },
  {
    actions: /^logs:(CreateLogStream|PutLogEvents)$/,
    resource: /^[^*]*:\*$/,
    reason: 'Streams of the one log group of this function; Lambda chooses their names.',
  },
  {
    actions: /^xray:/,
    resource: /^\*$/,
    reason: 'X-Ray has no resources that a policy could name.',
  },
  {
    actions: /^ec2:/,
    resource: /^\*$/,
    reason:
      'Lambda demands it for network interfaces, and what it calls them is not known before; the code of functions is denied it.',
  },
];

/** What a role is for: the stores, and where its function runs. */
export interface RoleProps {
  readonly stores: Stores;
  readonly logGroup: ILogGroup;
  /** Whether it sends traces of its calls. */
  readonly isTraced: boolean;
  /** Whether the function has network interfaces in a VPC. */
  readonly inVpc: boolean;
}

/**
 * The role of a function, which nothing adds to afterwards: not CDK, as it makes the function, nor a grant
 * that names it.
 */
export const createRole = (scope: Construct, name: LogFunction, props: RoleProps): iam.IRole => {
  const permissions = PERMISSIONS[name];
  const role = new iam.Role(scope, `${idOf(name)}Role`, {
    assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    description: `Stratalog: what the function ${name} needs, and nothing else.`,
    inlinePolicies: {
      [name]: new iam.PolicyDocument({
        statements: [
          ...itemStatements(permissions, props.stores),
          ...blobStatements(permissions, props.stores),
          ...keyStatements(permissions, props.stores),
          ...runtimeStatements(props),
        ],
      }),
    },
  });
  return role.withoutPolicyUpdates();
};
