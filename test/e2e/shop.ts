/** The second stack, of `app/main.ts`: deployed by the CDK CLI, as the app's own stack is. */
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { Credentials } from '../../lib/client/aws/index.ts';
import { eventually } from '../contract/engine.ts';
import { cdk, type Ran, ROOT, run } from './cdk.ts';
import { currentStage } from './stage.ts';

export const SHOP = `${currentStage().stack}-shop`;

/** Partitions of its topics; 0: there is no such topic. */
export interface ShopTopics {
  readonly orders: number;
  readonly payments: number;
}

const argumentsOf = ({ orders, payments }: ShopTopics): readonly string[] => [
  ...['--app', `${process.execPath} ${ROOT}/test/e2e/app/main.ts`],
  // It has no bundles to build.
  ...['--build', 'true'],
  ...['-c', `stackName=${SHOP}`, '-c', `log=${currentStage().stack}`],
  ...['-c', `orders=${orders}`, '-c', `payments=${payments}`],
];

export const deployShop = (topics: ShopTopics): Promise<string> =>
  cdk('deploy', ...argumentsOf(topics));

/** What it says, however it ends. */
export const tryToDeployShop = (topics: ShopTopics): Promise<Ran> =>
  run('cdk', ['deploy', ...argumentsOf(topics)]);

export const destroyShop = (): Promise<string> =>
  cdk('destroy', '--force', ...argumentsOf({ orders: 0, payments: 0 }));

/** Somebody else, as soon as IAM knows of them everywhere. */
export const assume = async (roleArn: string): Promise<Credentials> => {
  let assumed: Credentials | undefined;
  await eventually(async () => {
    const { Credentials: told } = await new STSClient({}).send(
      new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'stratalog-e2e' }),
    );
    assumed = {
      accessKeyId: told?.AccessKeyId ?? '',
      secretAccessKey: told?.SecretAccessKey ?? '',
      ...(told?.SessionToken === undefined ? {} : { sessionToken: told.SessionToken }),
    };
  }, 30_000);
  if (assumed === undefined) throw new Error(`nobody became ${roleArn}`);
  return assumed;
};
