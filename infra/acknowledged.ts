/**
 * What the checks of cdk-nag (AwsSolutions) say of a log and why it stays so, for those who have their stacks
 * checked: `test/infra/nag.test.ts` sees that there is nothing else, and nothing that is not needed any more.
 */
import { Stack, Validations } from 'aws-cdk-lib';
import type { HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Bucket, CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct, IConstruct } from 'constructs';
import { isTraced } from './functions.ts';
import { FUNCTION_NAMES, idOf } from './names.ts';
import { PERMISSIONS, WILDCARDS } from './permissions.ts';
import type { StratalogProps } from './props.ts';

const acknowledge = (construct: IConstruct, rule: string, reason: string): void =>
  Validations.of(construct).acknowledge({ id: `AwsSolutions-${rule}`, reason });

/** Why policies of ours name this resource. */
const reasonsFor = (resource: string, actions: RegExp): string =>
  WILDCARDS.filter(
    (wildcard) => wildcard.resource.test(resource) && actions.test(String(wildcard.actions)),
  )
    .map(({ reason }) => reason)
    .join(' ');

const acknowledgeRoles = (scope: Construct, bucket: Bucket, props: StratalogProps): void => {
  const bucketId = Stack.of(bucket).getLogicalId(bucket.node.defaultChild as CfnBucket);
  for (const name of FUNCTION_NAMES) {
    const role = scope.node.findChild(`${idOf(name)}Role`);
    const anywhere = [
      ...(isTraced(name, props) ? ['xray:'] : []),
      ...(props.vpc === undefined ? [] : ['ec2:']),
    ];
    if (anywhere.length > 0) {
      acknowledge(role, 'IAM5[Resource::*]', reasonsFor('*', RegExp(anywhere.join('|'))));
    }
    for (const prefix of new Set(Object.values(PERMISSIONS[name].blobs).flat())) {
      const resource = `<${bucketId}.Arn>/${prefix}`;
      acknowledge(role, `IAM5[Resource::${resource}]`, reasonsFor(resource, /s3/));
    }
  }
};

/** Says so of what was made. */
export const acknowledgeFindings = (
  scope: Construct,
  { bucket, stage }: { readonly bucket: Bucket; readonly stage: HttpStage },
  props: StratalogProps,
): void => {
  acknowledge(
    bucket,
    'S1',
    'Only the functions of the log use the bucket, and they log what they do. Who else must be told of can be seen by CloudTrail, which has the caller; logs of the bucket would cost a PUT for each PUT, and need a bucket of their own.',
  );
  if (!props.accessLogs) {
    acknowledge(
      stage,
      'APIG1',
      'The functions log who asked for what was refused or failed. Logs of the stage would cost more than the requests; the prop accessLogs turns them on.',
    );
  }
  acknowledgeRoles(scope, bucket, props);
};
