/**
 * Roles in the account of a log, for principals whom a policy there cannot be attached to.
 *
 *   their account:  principal ── sts:AssumeRole ──►  the log's account:  role ── execute-api:Invoke ──► API
 */
import { createHash } from 'node:crypto';
import { PhysicalName, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

/** Whether the grantee is known to be of the account of `scope`, or of no account of its own. */
export const isWithin = (scope: Construct, { grantPrincipal }: iam.IGrantable): boolean => {
  const { principalAccount } = grantPrincipal;
  if (principalAccount === undefined) return true;
  const comparison = Token.compareStrings(principalAccount, Stack.of(scope).account);
  // Of two that are not known yet CDK, too, takes it that they are the same.
  return comparison === TokenComparison.SAME || comparison === TokenComparison.BOTH_UNRESOLVED;
};

const HASH_LENGTH = 8;

/** One for each principal, so that what it is granted later comes to the same role. */
const idFor = (scope: Construct, grantee: iam.IGrantable): string => {
  const { policyFragment } = grantee.grantPrincipal;
  const { principalJson, conditions } = policyFragment;
  const named = Construct.isConstruct(grantee)
    ? grantee.node.addr
    : JSON.stringify(Stack.of(scope).resolve([principalJson, conditions]));
  const hash = createHash('sha256').update(named).digest('hex').slice(0, HASH_LENGTH);
  return `Access${hash.toUpperCase()}`;
};

/** The role in `scope` that the grantee may assume. @throws when that is everybody there is */
export const roleToAssume = (scope: Construct, grantee: iam.IGrantable): iam.Role => {
  const { grantPrincipal } = grantee;
  const { principalJson, conditions } = grantPrincipal.policyFragment;
  const isAnybody = Object.values(principalJson).flat().includes('*');
  if (isAnybody && Object.keys(conditions).length === 0) {
    throw new Error(
      `${scope.node.path} cannot be opened to everybody: whoever has an account of AWS could assume the role. Name accounts, roles or an organization.`,
    );
  }
  const id = idFor(scope, grantee);
  const there = scope.node.tryFindChild(id);
  if (there instanceof iam.Role) return there;
  const role = new iam.Role(scope, id, {
    assumedBy: grantPrincipal,
    // Their stack names it, and across accounts only a name that was chosen can be told.
    roleName: PhysicalName.GENERATE_IF_NEEDED,
    description: `Stratalog: what a principal elsewhere may do with the log ${scope.node.path}.`,
  });
  // Where the principal has a policy that we can add to, it is allowed its half as well.
  grantPrincipal.addToPrincipalPolicy(
    new iam.PolicyStatement({ actions: ['sts:AssumeRole'], resources: [role.roleArn] }),
  );
  return role;
};
