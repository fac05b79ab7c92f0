/**
 * Who may do what through the API: each grant is a list of routes, from the one table of them, as IAM names them.
 *
 *   arn:aws:execute-api:REGION:ACCOUNT:API/$default/POST/topics/orders/records
 *                                                   └ method and path, as the request has them
 *
 * Names of topics and groups are written out. A partition is `*`, which IAM lets stand for anything, `/` too;
 * `test/infra/routes.test.ts` proves that no other route can be meant by it.
 */
import { ArnFormat, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { ROUTES, type Route } from '../lib/http/routes.ts';
import { groupSegment } from '../lib/model/group-path.ts';
import { groupId, topicName } from '../lib/model/ids.ts';
import { STAGE } from './names.ts';
import type { Wildcard } from './permissions.ts';
import { isWithin, roleToAssume } from './role-to-assume.ts';

/** A route as a policy names it. */
export interface Opening {
  readonly method: Route['method'];
  /** With `*` for what may be anything. */
  readonly path: string;
}

/**
 * What was granted. `roleToAssume` is there when the grantee is of another account, or of one that is not known: an HTTP
 * API has no policy of its own that could let it in, so it assumes this role, in the account of the log.
 */
export type AccessGrant = iam.Grant & { readonly roleToAssume?: iam.IRole };

type Verbs = Readonly<Record<Route['resource'], readonly Route['verb'][]>>;

/** Kafka's ACLs of a producer: WRITE and DESCRIBE of the topic, IDEMPOTENT_WRITE of the cluster. */
const PRODUCER: Verbs = { topic: ['WRITE', 'DESCRIBE'], group: [], log: ['IDEMPOTENT_WRITE'] };
/** And of a consumer: READ and DESCRIBE of the topic and of the group. */
const CONSUMER: Verbs = { topic: ['READ', 'DESCRIBE'], group: ['READ', 'DESCRIBE'], log: [] };

interface Names {
  readonly topic?: string;
  readonly group?: string;
}

const openingOf = ({ method, path }: Route, names: Names): Opening => ({
  method,
  path: path.replaceAll(/\{(\w+)\}/g, (_, name: string) => names[name as keyof Names] ?? '*'),
});

/** Those of a group only where one is named. */
const openingsOf = (verbs: Verbs, names: Names): readonly Opening[] =>
  ROUTES.filter(
    ({ resource, verb }) =>
      verbs[resource].includes(verb) && (resource !== 'group' || names.group !== undefined),
  ).map((route) => openingOf(route, names));

/** What a producer of a topic needs. @throws INVALID_TOPIC_EXCEPTION */
export const producerOpenings = (topic: string): readonly Opening[] =>
  openingsOf(PRODUCER, { topic: nameOfTopic(topic) });

/** What a consumer of a topic needs, and as a part of which group. @throws INVALID_TOPIC_EXCEPTION, INVALID_GROUP_ID */
export const consumerOpenings = (topic: string, group?: string): readonly Opening[] =>
  openingsOf(CONSUMER, {
    topic: nameOfTopic(topic),
    ...(group === undefined ? {} : { group: segmentOfGroup(group) }),
  });

/** Everything: every route, of whatever topic and group. */
export const adminOpenings = (): readonly Opening[] => {
  const all = ROUTES.map((route) => openingOf(route, {}));
  return all.filter((one) => !all.some((other) => other !== one && covers(other, one)));
};

/** Whether `one` says nothing that `other`, which ends with `*`, does not say. */
const covers = (other: Opening, one: Opening): boolean =>
  other.method === one.method &&
  other.path.endsWith('*') &&
  one.path.startsWith(other.path.slice(0, -1));

/** A name that a policy can be made of. @throws an Error when it is not known yet, INVALID_TOPIC_EXCEPTION */
export const nameOfTopic = (name: string): string => topicName(known('topic', name));

const segmentOfGroup = (group: string): string => groupSegment(groupId(known('group', group)));

/** Whoever fills in a name later could write `*`. */
const known = (what: string, name: string): string => {
  if (!Token.isUnresolved(name)) return name;
  throw new Error(
    `The name of the ${what} is known only when the stack is deployed (${name}), and a grant would be for whatever it is then. Write it out.`,
  );
};

/** Every `*` in what grants open, and why it is there. */
export const GRANT_WILDCARDS: readonly Wildcard[] = [
  {
    actions: /^execute-api:Invoke$/,
    resource: /^[^*]*\/GET\/topics\/[\w.-]+\/partitions\/\*\/records$/,
    reason: 'Any partition of one topic. No route is longer, so it stands for nothing else.',
  },
  {
    actions: /^execute-api:Invoke$/,
    resource: new RegExp(
      `^[^*]*/(${adminOpenings()
        .filter(({ path }) => path.includes('*'))
        .map(({ method, path }) => `${method}${path}`.replaceAll('*', '\\*'))
        .join('|')})$`,
    ),
    reason: 'An admin may do everything with every topic and group.',
  },
];

/** What a grant needs of a log. */
export interface GrantScope {
  /** The log: roles to assume are made in it. */
  readonly scope: Construct;
  readonly apiId: string;
}

const arnOf = ({ scope, apiId }: GrantScope, { method, path }: Opening): string =>
  Stack.of(scope).formatArn({
    service: 'execute-api',
    resource: apiId,
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    resourceName: `${STAGE}/${method}${path}`,
  });

/** Opens these routes to `grantee`. */
export const grantRoutes = (
  log: GrantScope,
  grantee: iam.IGrantable,
  openings: readonly Opening[],
): AccessGrant =>
  grantAccess(
    log.scope,
    grantee,
    ['execute-api:Invoke'],
    openings.map((opening) => arnOf(log, opening)),
  );

/** Allows it to the grantee where that is of the account of `scope`, else to a role that the grantee may assume. */
export const grantAccess = (
  scope: Construct,
  grantee: iam.IGrantable,
  actions: readonly string[],
  resourceArns: readonly string[],
): AccessGrant => {
  const allowTo = (to: iam.IGrantable): iam.Grant =>
    iam.Grant.addToPrincipal({
      grantee: to,
      actions: [...actions],
      resourceArns: [...resourceArns],
    });
  if (isWithin(scope, grantee)) {
    const grant = allowTo(grantee);
    if (grant.success) return grant;
  }
  const role = roleToAssume(scope, grantee);
  return Object.assign(allowTo(role), { roleToAssume: role });
};
