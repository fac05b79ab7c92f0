/**
 * Where a deployed log is, by the name of its CloudFormation stack: its outputs tell.
 *
 *   LogApiEndpoint   https://….execute-api.eu-central-1.amazonaws.com
 *   LogProduceFunction, LogFetchFunction, …
 *   └┬┘ the construct's path in its stack: the prefix, which tells several logs of one stack apart
 */
import type { Stack } from '@aws-sdk/client-cloudformation';
import type { FunctionName } from '../../http/routes.ts';
import { StratalogError } from '../../model/errors.ts';
import { type AwsOptions, credentialsOf, regionOf } from './credentials.ts';
import { type Functions, invoking, type Way } from './invoking.ts';
import { signedFetch } from './signed-fetch.ts';

/** Which log of which stack. */
export interface StackOptions extends AwsOptions {
  readonly stackName: string;
  /** Of the outputs, where the stack has several logs: the id of the construct, such as `Log`. */
  readonly prefix?: string | undefined;
}

/** What a stack tells of a log. */
export interface DeployedLog {
  readonly endpoint: string;
  readonly functions: Functions;
  readonly region: string;
}

const ENDPOINT_KEY = 'ApiEndpoint';
const FUNCTION_KEYS = {
  topics: 'TopicsFunction',
  produce: 'ProduceFunction',
  fetch: 'FetchFunction',
  commit: 'CommitFunction',
} as const satisfies Record<FunctionName, string>;

/** Output keys, the prefix left out, without which nobody finds the log. */
export const NEEDED_OUTPUTS: readonly string[] = [ENDPOINT_KEY, ...Object.values(FUNCTION_KEYS)];

const shownPrefix = (prefix: string): string => (prefix === '' ? '(none)' : prefix);

/** The prefix of the one log meant. @throws INVALID_CONFIG naming the logs that there are */
const prefixOf = (
  { stackName, prefix }: StackOptions,
  values: ReadonlyMap<string, string>,
  status = 'of unknown status',
): string => {
  // Other constructs have endpoints, too.
  const prefixes = [...values.keys()]
    .filter((key) => key.endsWith(ENDPOINT_KEY))
    .map((key) => key.slice(0, -ENDPOINT_KEY.length))
    .filter((each) => Object.values(FUNCTION_KEYS).some((key) => values.has(each + key)));
  const only = prefixes[0];
  if (prefix === undefined && only !== undefined && prefixes.length === 1) return only;
  if (prefix !== undefined && prefixes.includes(prefix)) return prefix;
  const there = prefixes.map(shownPrefix).join(', ');
  throw new StratalogError(
    'INVALID_CONFIG',
    prefixes.length === 0
      ? `The stack ${stackName} has no outputs …${ENDPOINT_KEY}, …${FUNCTION_KEYS.topics}, so there is no log in it. It is ${status}: ${/^(CREATE|UPDATE)_COMPLETE$/.test(status) ? 'name the stack that the construct Stratalog is in' : 'see in CloudFormation what became of its deployment'}.`
      : prefix === undefined
        ? `The stack ${stackName} has several logs: name one of ${there}, as in --stack ${stackName}/${only}.`
        : `The stack ${stackName} has no log ${JSON.stringify(prefix)}; it has ${there}.`,
    { context: { stack: stackName } },
  );
};

/** @throws INVALID_CONFIG naming what is missing */
const logOf = (
  options: StackOptions,
  { Outputs: outputs = [], StackStatus: status }: Partial<Stack> = {},
): Pick<DeployedLog, 'endpoint' | 'functions'> => {
  const values = new Map(
    outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
  );
  const prefix = prefixOf(options, values, status);
  const missing = NEEDED_OUTPUTS.map((key) => prefix + key).filter((key) => !values.get(key));
  if (missing.length > 0) {
    throw new StratalogError(
      'INVALID_CONFIG',
      `The stack ${options.stackName} lacks the outputs ${missing.join(', ')}: was it deployed by another version? Deploy it again.`,
      { context: { stack: options.stackName } },
    );
  }
  const output = (key: string): string => values.get(prefix + key)!;
  const functions = Object.fromEntries(
    Object.entries(FUNCTION_KEYS).map(([name, key]) => [name, output(key)]),
  ) as Functions;
  return { endpoint: output(ENDPOINT_KEY), functions };
};

/** Whether AWS ends its sentence or not. */
const withoutStop = (text: string): string => text.replace(/\.\s*$/, '');

/** Why the stack's outputs could not be had, in terms of what was said. */
const stackError = (
  cause: unknown,
  { stackName }: StackOptions,
  region: string,
): StratalogError => {
  if (cause instanceof StratalogError) return cause;
  const { name, message, code } = cause as NodeJS.ErrnoException;
  const context = { stack: stackName, region };
  const error = (kind: ConstructorParameters<typeof StratalogError>[0], text: string) =>
    new StratalogError(kind, text, { context, cause });
  if (/does not exist/.test(message)) {
    return error(
      'INVALID_CONFIG',
      `There is no stack ${stackName} in ${region} of this account. Name another one, or another region or account (--region, --profile).`,
    );
  }
  if (name === 'ValidationError') {
    return error(
      'INVALID_CONFIG',
      `CloudFormation takes ${JSON.stringify(stackName)} for no name of a stack: ${withoutStop(message)}.`,
    );
  }
  if (/AccessDenied/.test(name)) {
    return error(
      'CLUSTER_AUTHORIZATION_FAILED',
      `The stack ${stackName} in ${region} could not be looked up: ${withoutStop(message)}. It takes cloudformation:DescribeStacks; --endpoint needs no look at the stack.`,
    );
  }
  if (/Token|Signature|Credential|UnrecognizedClient|AuthFailure/.test(name)) {
    return error(
      'SASL_AUTHENTICATION_FAILED',
      `AWS does not accept the credentials (${withoutStop(message)}). Renew them with \`aws sso login\`, or give others (--profile, AWS_PROFILE).`,
    );
  }
  return code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'ECONNREFUSED'
    ? error(
        'CONNECTION_FAILED',
        `CloudFormation in ${region} cannot be reached (${code}): is that a region, and is there a way to it?`,
      )
    : error('CONNECTION_FAILED', `CloudFormation in ${region} failed: ${message}`);
};

/**
 * What the stack tells of its log. It takes `cloudformation:DescribeStacks`.
 * @throws INVALID_CONFIG when there is no such stack, no log in it, or several
 */
export const deployedLog = async (options: StackOptions): Promise<DeployedLog> => {
  const region = await regionOf(options);
  const { CloudFormationClient, DescribeStacksCommand } = await import(
    '@aws-sdk/client-cloudformation'
  );
  const client = new CloudFormationClient({ region, credentials: credentialsOf(options) });
  try {
    const { Stacks } = await client.send(
      new DescribeStacksCommand({ StackName: options.stackName }),
    );
    return { region, ...logOf(options, Stacks?.[0]) };
  } catch (cause) {
    throw stackError(cause, options, region);
  } finally {
    client.destroy();
  }
};

/**
 * A way to the log of a stack, by signed HTTP, or by Lambda Invoke:
 *
 *   new Stratalog(await fromStack({ stackName: 'Stratalog' }))
 *
 * @throws as `deployedLog` does
 */
export const fromStack = async ({
  via = 'http',
  ...options
}: StackOptions & { readonly via?: 'http' | 'invoke' }): Promise<Way> => {
  // Asked once for both: a sign-on may take a second.
  const credentials = credentialsOf(options);
  const { endpoint, functions, region } = await deployedLog({ ...options, credentials });
  return via === 'invoke'
    ? invoking({ functions, region, credentials })
    : { endpoint, fetch: signedFetch({ region, credentials }) };
};
