/**
 * Where the stack is deployed:
 *
 *   emulator     MiniStack, started for this run, with IAM enforced (the default)
 *   endpoint     what `AWS_ENDPOINT_URL` names
 *   localstack   LocalStack in Docker, started for this run by `compose.yaml`
 *   aws          a real account, whose credentials and region are in the environment or a profile
 */
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { LOCALHOST_NAMES, startMinistack } from '../engines/ministack.ts';
import { run } from './cdk.ts';

export const TARGETS = ['emulator', 'endpoint', 'localstack', 'aws'] as const;
export type Target = (typeof TARGETS)[number];

export interface Place {
  /** For a person. */
  readonly described: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Of the app's stack; unique where other people's may be. */
  readonly stack: string;
  /** Undefined: has to be found out. */
  readonly enforcesIam?: boolean;
  /** The end of the log, where there is one. */
  said?(): string;
  close(options?: { readonly keepLogAs?: string }): Promise<void>;
}

const STACK = 'Stratalog';

const emulator = async (): Promise<Place> => {
  const { endpoint, environment, said, close } = await startMinistack({ auth: true });
  const described = `MiniStack at ${endpoint}, IAM enforced`;
  return { described, environment, stack: STACK, enforcesIam: true, said, close };
};

const inherited = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );

const endpoint = async (url = process.env.AWS_ENDPOINT_URL): Promise<Place> => {
  if (url === undefined) throw new Error('AWS_ENDPOINT_URL names no endpoint.');
  return {
    described: url,
    environment: {
      // What no emulator looks at, unless it is told.
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'us-east-1',
      ...inherited(),
      AWS_ENDPOINT_URL: url,
      AWS_ENDPOINT_URL_S3: process.env.AWS_ENDPOINT_URL_S3 ?? url,
      NODE_OPTIONS: [process.env.NODE_OPTIONS, `--import=${LOCALHOST_NAMES}`].join(' ').trim(),
    },
    stack: STACK,
    close: async () => {},
  };
};

const compose = async (...args: readonly string[]): Promise<void> => {
  const { code, said } = await run('docker', ['compose', ...args]);
  if (code !== 0) throw new Error(`docker compose ${args.join(' ')} ended with ${code}:\n${said}`);
};

const localstack = async (): Promise<Place> => {
  if (!process.env.LOCALSTACK_AUTH_TOKEN) {
    throw new Error(
      'LocalStack wants a token: set LOCALSTACK_AUTH_TOKEN, which your account at app.localstack.cloud shows.',
    );
  }
  await compose('up', '--detach', '--wait');
  const place = await endpoint('http://127.0.0.1:4566');
  return { ...place, described: 'LocalStack in Docker', close: () => compose('down', '--volumes') };
};

const aws = async (): Promise<Place> => {
  const { Account = '', Arn = '' } = await new STSClient({}).send(new GetCallerIdentityCommand({}));
  return {
    described: `the AWS account ${Account}, as ${Arn}`,
    environment: inherited(),
    stack: `${STACK}-e2e-${systemRuntime.uuid().slice(0, 8)}`,
    enforcesIam: true,
    close: async () => {},
  };
};

/** Starts what has to be started. */
export const open: Readonly<Record<Target, () => Promise<Place>>> = {
  emulator,
  endpoint,
  localstack,
  aws,
};
