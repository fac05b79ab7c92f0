/**
 * Which service a command speaks to, and how:
 *
 *   --endpoint URL          as it is, on this machine
 *                           signed, where AWS's host says so, or --region or --profile is given
 *   --stack NAME[/PREFIX]   found by the stack's outputs, and signed; --invoke: by Lambda Invoke
 *   neither                 the environment's, else `stratalog dev`
 *
 * What is typed goes before the environment. AWS packages are loaded by the commands that need them, so
 * that the others start as fast as before.
 */
import { type Command, Option } from 'commander';
import { scopeOfHost } from '../client/aws/scope.ts';
import type { ConnectionOptions } from '../client/connection.ts';
import { isLoopback } from '../client/gateway.ts';
import { StratalogError } from '../model/errors.ts';

/** Where `stratalog dev` listens unless told otherwise. */
export const DEFAULT_ENDPOINT = 'http://127.0.0.1:8080';

/** As typed. */
export interface ServiceOptions {
  readonly endpoint?: string;
  readonly stack?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly invoke?: boolean;
}

/** What everything of the client takes. */
export type Service = Pick<ConnectionOptions, 'endpoint' | 'fetch'>;

const GROUP = 'Which service:';

/** Adds the options that say where the service is. The environment is read by hand: an option goes before any variable. */
export const withServiceOptions = (command: Command): Command => {
  for (const [flags, description] of [
    ['--endpoint <url>', `where it is (default: "${DEFAULT_ENDPOINT}", env: STRATALOG_ENDPOINT)`],
    ['--stack <name>', 'its CloudFormation stack, or name/prefix (env: STRATALOG_STACK)'],
    ['--region <region>', 'of AWS (env: AWS_REGION)'],
    ['--profile <name>', 'of AWS: whose credentials sign requests (env: AWS_PROFILE)'],
    ['--invoke', 'with --stack: by Lambda Invoke instead of HTTP'],
  ] as const) {
    command.addOption(new Option(flags, description).helpGroup(GROUP));
  }
  return command;
};

/** Where it is said to be. @throws INVALID_REQUEST when two things are said */
export const whereOf = ({
  endpoint,
  stack,
}: ServiceOptions): Pick<ServiceOptions, 'endpoint' | 'stack'> => {
  const { STRATALOG_ENDPOINT, STRATALOG_STACK } = process.env;
  if (endpoint !== undefined && stack !== undefined) {
    throw new StratalogError(
      'INVALID_REQUEST',
      '--endpoint and --stack exclude each other: give one of them.',
    );
  }
  if (endpoint !== undefined) return { endpoint };
  if (stack !== undefined) return { stack };
  if (STRATALOG_ENDPOINT && STRATALOG_STACK) {
    throw new StratalogError(
      'INVALID_REQUEST',
      'STRATALOG_ENDPOINT and STRATALOG_STACK exclude each other: set one of them.',
    );
  }
  if (STRATALOG_STACK) return { stack: STRATALOG_STACK };
  return { endpoint: STRATALOG_ENDPOINT || DEFAULT_ENDPOINT };
};

/** `NAME/PREFIX`; an ARN has slashes of its own. */
const stackParts = (stack: string): { readonly stackName: string; readonly prefix?: string } => {
  const at = stack.startsWith('arn:') ? -1 : stack.indexOf('/');
  return at < 0
    ? { stackName: stack }
    : { stackName: stack.slice(0, at), prefix: stack.slice(at + 1) };
};

/** Whether requests to it are signed. What is no URL is refused by who connects to it. */
const isSigned = (endpoint: string, { region, profile }: ServiceOptions): boolean => {
  const hostname = URL.parse(endpoint)?.hostname ?? '';
  if (isLoopback(hostname)) return false;
  return scopeOfHost(hostname) !== undefined || region !== undefined || profile !== undefined;
};

/**
 * The service that the options and the environment name.
 * @throws INVALID_REQUEST for options that exclude each other, and what `fromStack` throws
 */
export const serviceOf = async (options: ServiceOptions): Promise<Service> => {
  const { region, profile, invoke = false } = options;
  const { endpoint = '', stack } = whereOf(options);
  if (stack !== undefined) {
    const { fromStack } = await import('../client/aws/stack.ts');
    return fromStack({ ...stackParts(stack), region, profile, via: invoke ? 'invoke' : 'http' });
  }
  if (invoke) {
    throw new StratalogError(
      'INVALID_REQUEST',
      '--invoke goes with --stack, which tells the names of the functions.',
    );
  }
  if ((region ?? profile) !== undefined && !(options.endpoint ?? process.env.STRATALOG_ENDPOINT)) {
    throw new StratalogError(
      'INVALID_REQUEST',
      '--region and --profile go with --stack or --endpoint, which say what is there.',
    );
  }
  if (!isSigned(endpoint, options)) return { endpoint };
  const { signedFetch } = await import('../client/aws/signed-fetch.ts');
  return { endpoint, fetch: signedFetch({ region, profile }) };
};
