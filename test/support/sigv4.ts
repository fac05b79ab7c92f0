/**
 * AWS Signature Version 4 as a service checks it: from what arrived on the wire, by the steps that AWS
 * documents, and with nothing of the signer that is tried.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHash, createHmac } from 'node:crypto';

/** A request as it arrived: nothing decoded. */
export interface Arrived {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** Of an access key. */
export interface Secret {
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** AWS takes signatures of this age, and as far in the future, ms. */
const TOLERANCE_MS = 5 * 60 * 1000;

const sha256 = (data: string | Uint8Array): string =>
  createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Uint8Array, data: string): Buffer =>
  createHmac('sha256', key).update(data).digest();

const UNRESERVED = /[A-Za-z0-9\-._~]/;

/** Every byte but the unreserved ones as `%XX`. */
const uriEncode = (text: string): string =>
  [...Buffer.from(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return UNRESERVED.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');

/** `%XX` decoded, and nothing else: a plus sign is a plus sign. */
const uriDecode = (text: string): string => decodeURIComponent(text);

/** Without empty and dot segments, and each segment encoded once more than it came. */
const canonicalPath = (path: string): string => {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(uriEncode(segment));
  }
  const end = path.endsWith('/') && kept.length > 0 ? '/' : '';
  return `/${kept.join('/')}${end}`;
};

const canonicalQuery = (query: string): string =>
  query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.indexOf('=');
      const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
      return [uriEncode(uriDecode(name)), uriEncode(uriDecode(value))] as const;
    })
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');

const headerOf = ({ headers }: Arrived, name: string): string | undefined => {
  const values = headers
    .filter(([each]) => each.toLowerCase() === name)
    .map(([, value]) => value.trim().replaceAll(/ +/g, ' '));
  return values.length === 0 ? undefined : values.join(',');
};

/** The signature that the request should bear. `signed`: names of its signed headers, in order. */
export const signatureOf = (
  arrived: Arrived,
  secretAccessKey: string,
  scope: string,
  signed: readonly string[],
): string => {
  const [path = '', query = ''] = arrived.target.split(/\?(.*)/s);
  const canonical = [
    arrived.method,
    canonicalPath(path),
    canonicalQuery(query),
    ...signed.map((name) => `${name}:${headerOf(arrived, name) ?? ''}`),
    '',
    signed.join(';'),
    sha256(arrived.body),
  ].join('\n');
  const date = headerOf(arrived, 'x-amz-date') ?? '';
  const toSign = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  const key = scope
    .split('/')
    .reduce<string | Buffer>((derived, part) => hmac(derived, part), `AWS4${secretAccessKey}`);
  return hmac(key, toSign).toString('hex');
};

/** `20150830T123600Z` → ms since the Unix epoch. */
const timeOf = (text: string): number =>
  Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8}\/([^/]+)\/([^/]+)\/aws4_request), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/** Which key signed it, or what is wrong with it, in AWS's words where it has some. */
export type Verdict =
  | { readonly accessKeyId: string; readonly refusal?: never }
  | { readonly refusal: string };

/** Checks a request for `region` and `service`, as at `nowMs`. */
export const verified = (
  arrived: Arrived,
  keys: Readonly<Record<string, Secret>>,
  { region, service }: { readonly region: string; readonly service: string },
  nowMs: number,
): Verdict => {
  const parts = AUTHORIZATION.exec(headerOf(arrived, 'authorization') ?? '');
  if (parts === null) return { refusal: 'Missing Authentication Token' };
  const [, accessKeyId = '', scope = '', ofRegion, ofService, names = '', signature] = parts;
  if (ofRegion !== region) {
    return { refusal: `Credential should be scoped to a valid region, not '${ofRegion}'. ` };
  }
  if (ofService !== service) {
    return { refusal: `Credential should be scoped to correct service: '${service}'. ` };
  }
  const key = keys[accessKeyId];
  if (key === undefined || headerOf(arrived, 'x-amz-security-token') !== key.sessionToken) {
    return { refusal: 'The security token included in the request is invalid.' };
  }
  const date = headerOf(arrived, 'x-amz-date') ?? '';
  if (!(Math.abs(timeOf(date) - nowMs) <= TOLERANCE_MS) || !date.startsWith(scope.slice(0, 8))) {
    return { refusal: `Signature expired: ${date} is now earlier or later than it may be` };
  }
  const signed = names.split(';');
  const mustBe = arrived.headers
    .map(([name]) => name.toLowerCase())
    .filter((name) => name === 'host' || name === 'content-type' || name.startsWith('x-amz-'));
  const unsigned = mustBe.find((name) => !signed.includes(name));
  if (unsigned !== undefined) return { refusal: `The header ${unsigned} is not signed` };
  if (names !== [...signed].sort().join(';')) return { refusal: 'Headers are not in order' };
  const hash = headerOf(arrived, 'x-amz-content-sha256');
  if (hash !== undefined && hash !== sha256(arrived.body)) {
    return {
      refusal: 'The provided x-amz-content-sha256 header does not match what was computed.',
    };
  }
  return signature === signatureOf(arrived, key.secretAccessKey, scope, signed)
    ? { accessKeyId }
    : {
        refusal:
          'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
      };
};
