/**
 * Who calls, and from where: AWS's default chain (environment, profiles, SSO, containers, instances), with
 * what goes wrong in it told in terms of what to do.
 */
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { loadConfig, memoize, parseKnownFiles } from '@smithy/core/config';
import { StratalogError } from '../../model/errors.ts';
import { systemRuntime } from '../../model/runtime.ts';

/** An access key of AWS; with a session token when it is temporary. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** What everything that talks to AWS takes. */
export interface AwsOptions {
  /** Such as `eu-central-1`. Default: AWS_REGION, else that of the profile. */
  readonly region?: string | undefined;
  /** A profile of `~/.aws/config`. Default: AWS_PROFILE. */
  readonly profile?: string | undefined;
  /** Default: AWS's default chain. A function is asked again before what it gave expires. */
  readonly credentials?: Credentials | (() => Promise<Credentials>) | undefined;
}

/** Credentials are renewed when they have less than this, ms. */
const RENEW_BEFORE_MS = 5 * 60 * 1000;

const LOGIN = 'run `aws sso login` or `aws configure`, or set AWS_PROFILE or AWS_ACCESS_KEY_ID';

/** @throws INVALID_CONFIG naming the profiles that there are */
const checkProfile = async (profile: string): Promise<void> => {
  const sections = Object.keys(await parseKnownFiles({ profile }));
  const known = sections.filter((section) => !/^(sso-session|services)\./.test(section));
  if (known.includes(profile)) return;
  const there =
    known.length === 0 ? 'there is none at all' : `there are ${known.slice(0, 20).join(', ')}`;
  throw new StratalogError(
    'INVALID_CONFIG',
    `AWS's configuration files have no profile ${JSON.stringify(profile)}; ${there}. Give another profile (--profile, AWS_PROFILE), or add it with \`aws configure --profile ${profile}\`.`,
    { context: { profile } },
  );
};

/** What the chain says of SSO and of tokens is good advice already. */
const asCredentialsError = (cause: unknown, profile: string | undefined): StratalogError => {
  if (cause instanceof StratalogError) return cause;
  const said = cause instanceof Error ? cause.message : String(cause);
  const message = said.startsWith('Could not load credentials')
    ? `There are no AWS credentials: ${LOGIN}.`
    : `AWS credentials could not be had (${said.replaceAll(/\s+/g, ' ').trim()}): ${LOGIN}.`;
  return new StratalogError('SASL_AUTHENTICATION_FAILED', message, {
    context: profile === undefined ? {} : { profile },
    cause,
  });
};

/** Says nothing of keys in the environment that a profile which was asked for goes before. */
const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const profileOf = ({ profile }: AwsOptions): string | undefined =>
  profile ?? (process.env.AWS_PROFILE || undefined);

const expiresSoon = ({ expiration }: Credentials): boolean =>
  expiration !== undefined && expiration.getTime() - systemRuntime.now() < RENEW_BEFORE_MS;

const chainOf = (options: AwsOptions): (() => Promise<Credentials>) => {
  const profile = profileOf(options);
  const chain = defaultProvider({
    ...(profile === undefined ? {} : { profile }),
    ...(options.profile === undefined ? {} : { logger: QUIET }),
  });
  let isChecked = profile === undefined;
  return async () => {
    if (!isChecked) await checkProfile(profile!);
    isChecked = true;
    return chain();
  };
};

/**
 * Credentials, asked for when they are first needed, kept, and renewed before they expire.
 * @throws (the function) SASL_AUTHENTICATION_FAILED when there are none, INVALID_CONFIG for an unknown profile
 */
export const credentialsOf = (options: AwsOptions): (() => Promise<Credentials>) => {
  const { credentials } = options;
  if (typeof credentials === 'object') return async () => credentials;
  const profile = profileOf(options);
  const source =
    credentials === undefined
      ? chainOf(options)
      : memoize(credentials, expiresSoon, ({ expiration }) => expiration !== undefined);
  return async () => {
    try {
      return await source();
    } catch (cause) {
      throw asCredentialsError(cause, profile);
    }
  };
};

/**
 * The region that was given, or is configured.
 * @throws INVALID_CONFIG when there is none, or the profile is not there
 */
export const regionOf = async (options: AwsOptions): Promise<string> => {
  if (options.region) return options.region;
  const profile = profileOf(options);
  if (profile !== undefined) await checkProfile(profile);
  const region = await loadConfig<string>(
    {
      environmentVariableSelector: ({ AWS_REGION, AWS_DEFAULT_REGION }) =>
        AWS_REGION || AWS_DEFAULT_REGION || undefined,
      configFileSelector: ({ region: ofProfile }) => ofProfile,
      default: '',
    },
    profile === undefined ? {} : { profile },
  )();
  if (region !== '') return region;
  throw new StratalogError(
    'INVALID_CONFIG',
    'No AWS region is given: name one (--region, AWS_REGION), or set that of the profile with `aws configure set region`.',
  );
};
