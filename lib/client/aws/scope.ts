/**
 * Which region and service a request is signed for, as its host tells:
 *
 *   <id>.execute-api.<region>.amazonaws.com   execute-api   API Gateway
 *   <id>.lambda-url.<region>.on.aws           lambda        a function's own URL
 *
 * A domain of one's own, or an emulator's, tells neither. AWS packages are not needed to know this, so
 * that the command line can ask before it loads them.
 */

/** What a signature holds for. */
export interface SigningScope {
  readonly region: string;
  readonly service: string;
}

const HOSTS: readonly { readonly pattern: RegExp; readonly service: string }[] = [
  {
    pattern: /\.execute-api\.([a-z]{2,}-[a-z0-9-]+)\.(?:vpce\.)?amazonaws\.com(?:\.cn)?$/,
    service: 'execute-api',
  },
  {
    pattern: /\.lambda-url\.([a-z]{2,}-[a-z0-9-]+)\.on\.(?:aws|amazonwebservices\.com\.cn)$/,
    service: 'lambda',
  },
];

/** Undefined when the host is none of AWS's. */
export const scopeOfHost = (hostname: string): SigningScope | undefined => {
  for (const { pattern, service } of HOSTS) {
    const region = pattern.exec(hostname.toLowerCase())?.[1];
    if (region !== undefined) return { region, service };
  }
  return undefined;
};
