/**
 * Signed requests, judged by a second implementation of Signature Version 4 (`test/support/sigv4.ts`) from
 * what arrives on a socket; and that one judged by AWS's own examples.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scopeOfHost } from '../../lib/client/aws/scope.ts';
import { signedFetch } from '../../lib/client/aws/signed-fetch.ts';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { type IamGateway, KEY, SECRET, startIamGateway } from '../support/iam-gateway.ts';
import { type Arrived, signatureOf, verified } from '../support/sigv4.ts';

const REGION = 'eu-central-1';
const CREDENTIALS = { accessKeyId: KEY, secretAccessKey: SECRET };
const { now } = systemRuntime;

/** https://github.com/awslabs/aws-c-auth/tree/main/tests/aws-signing-test-suite/v4, by the names there. */
const EXAMPLES: [name: string, target: string, signature: string, more?: Record<string, string>][] =
  [
    ['get-utf8', '/ሴ', '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85'],
    [
      'get-space-normalized',
      '/example space/',
      '652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741',
    ],
    [
      'get-slash-pointless-dot-normalized',
      '/./example',
      'ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5',
    ],
    [
      'get-vanilla-query-order-key-case',
      '/?Param2=value2&Param1=value1',
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    [
      'get-vanilla-query-order-encoded',
      '/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1',
      '371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac',
    ],
    [
      'get-vanilla-utf8-query',
      '/?ሴ=bar',
      '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04',
    ],
    [
      'get-header-value-trim',
      '/',
      'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
      { 'My-Header1': ' value1', 'My-Header2': ' "a   b   c"' },
    ],
    [
      'get-vanilla-with-session-token',
      '/',
      '07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8',
      {
        'X-Amz-Security-Token': '6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267',
      },
    ],
  ];

describe('the judge', () => {
  it.each(EXAMPLES)('computes what AWS computes: %s', (_name, target, signature, more = {}) => {
    const headers = Object.entries({
      Host: 'example.amazonaws.com',
      'X-Amz-Date': '20150830T123600Z',
      ...more,
    });
    const arrived = { method: 'GET', target, headers, body: new Uint8Array() };
    const scope = '20150830/us-east-1/service/aws4_request';
    const signed = headers.map(([name]) => name.toLowerCase()).sort();
    expect(signatureOf(arrived, SECRET, scope, signed)).toBe(signature);
  });

  it('computes what AWS computes of a body', () => {
    const headers = Object.entries({
      'content-type': 'application/x-www-form-urlencoded',
      host: 'example.amazonaws.com',
      'content-length': '13',
      'x-amz-content-sha256': '9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e',
      'x-amz-date': '20150830T123600Z',
    });
    const arrived = { method: 'POST', target: '/', headers, body: Buffer.from('Param1=value1') };
    const scope = '20150830/us-east-1/service/aws4_request';
    const signed = headers.map(([name]) => name).sort();
    expect(signatureOf(arrived, SECRET, scope, signed)).toBe(
      'd3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b',
    );
  });
});

describe('signed requests', () => {
  let gateway: IamGateway;
  beforeAll(async () => {
    const keys = {
      [KEY]: { secretAccessKey: SECRET },
      ASIATEMPORARY: { secretAccessKey: 'other/secret+', sessionToken: 'a+session/token==' },
    };
    gateway = await startIamGateway({ now, keys });
  });
  afterAll(() => gateway.close());

  const sign = signedFetch({ region: REGION, credentials: CREDENTIALS });
  const last = (): Arrived => gateway.seen.at(-1)!.arrived;

  const segment = fc.oneof(
    fc.stringMatching(/^[A-Za-z0-9._~-]{1,12}$/).filter((text) => !/^\.+$/.test(text)),
    fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 6 })
      .filter((text) => text.isWellFormed() && !/^\.+$/.test(text))
      .map(encodeURIComponent),
    fc.constantFrom('a@b', "it's", '(x)', 'a:b', 'a+b', 'a%2Fb', 'a%2fb', '%C3%BC', 'a,b;c=d'),
  );
  const word = fc.oneof(
    fc.constantFrom('', 'a', 'a+b', 'a b', 'a/b', 'a=b', 'a&b', '%2F', 'ü', '🎈', "('*')", '~'),
    fc.string({ unit: 'grapheme', maxLength: 6 }).filter((text) => text.isWellFormed()),
  );
  const body = fc.oneof(
    fc.constant(undefined),
    fc.string({ maxLength: 40 }),
    fc.uint8Array({ maxLength: 200 }),
  );

  it('are accepted, whatever path, query and body they have, and arrive as they were meant', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(segment, { minLength: 1, maxLength: 4 }),
        fc.array(fc.tuple(word, word), { maxLength: 5 }),
        fc.constantFrom('POST', 'PATCH', 'DELETE'),
        body,
        async (segments, pairs, method, content) => {
          const query = new URLSearchParams(pairs);
          const path = `/${segments.join('/')}`;
          const { status } = await sign(`${gateway.url}${path}?${query}`, {
            method,
            headers: { 'content-type': 'application/json', accept: ' a/b,  c/d ' },
            ...(content === undefined ? {} : { body: content as string }),
          });
          expect([status, gateway.seen.at(-1)?.verdict]).toEqual([200, { accessKeyId: KEY }]);
          const arrived = new URL(last().target, gateway.url);
          expect(arrived.pathname).toBe(new URL(path, gateway.url).pathname);
          expect([...arrived.searchParams]).toEqual([
            ...new URL(`?${query}`, gateway.url).searchParams,
          ]);
          expect(arrived.search).not.toContain('+');
          expect(Buffer.from(last().body)).toEqual(Buffer.from(content ?? ''));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('are accepted with four megabytes, and as a Request whose body comes in pieces', async () => {
    const large = new Uint8Array(4 * 1024 * 1024).map((_, i) => i % 251);
    expect((await sign(`${gateway.url}/big`, { method: 'POST', body: large })).status).toBe(200);
    expect(Buffer.compare(last().body, large)).toBe(0);
    const pieces = new Request(`${gateway.url}/pieces`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: new Blob(['one', 'two']),
    });
    expect((await sign(pieces)).status).toBe(200);
    expect(Buffer.from(last().body).toString()).toBe('onetwo');
  });

  it('are refused when a bit of them is another one', async () => {
    await sign(`${gateway.url}/topics/a/records?x=1`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: 'body',
    });
    const arrived = last();
    const scope = { region: REGION, service: 'execute-api' };
    const keys = { [KEY]: { secretAccessKey: SECRET } };
    const judge = (changed: Partial<Arrived>, atMs = now()) =>
      verified({ ...arrived, ...changed }, keys, scope, atMs).refusal;
    expect(judge({})).toBeUndefined();
    expect(judge({ method: 'PUT' })).toMatch(/does not match/);
    expect(judge({ target: '/topics/b/records?x=1' })).toMatch(/does not match/);
    expect(judge({ target: '/topics/a/records?x=2' })).toMatch(/does not match/);
    expect(judge({ body: Buffer.from('bodY') })).toMatch(/sha256/);
    const without = (name: string) => arrived.headers.filter(([each]) => each !== name);
    expect(judge({ headers: without('content-type') })).toMatch(/does not match/);
    expect(judge({ headers: without('x-amz-content-sha256') })).toMatch(/does not match/);
    expect(judge({ headers: [...arrived.headers, ['x-amz-more', '1']] })).toMatch(/not signed/);
    expect(judge({}, now() + 360_000)).toMatch(/expired/);
    expect(judge({ headers: without('authorization') })).toMatch(/Missing/);
  });

  it('bear the token of temporary credentials, which are asked for again before they expire', async () => {
    let asked = 0;
    const temporary = (leftMs: number) =>
      signedFetch({
        region: REGION,
        credentials: async () => {
          asked += 1;
          return {
            accessKeyId: 'ASIATEMPORARY',
            secretAccessKey: 'other/secret+',
            sessionToken: 'a+session/token==',
            expiration: new Date(now() + leftMs),
          };
        },
      });
    const lasting = temporary(3_600_000);
    for (let i = 0; i < 3; i += 1) expect((await lasting(`${gateway.url}/`)).status).toBe(200);
    expect(asked).toBe(1);
    const ending = temporary(60_000);
    for (let i = 0; i < 3; i += 1) {
      const before = asked;
      expect((await ending(`${gateway.url}/`)).status).toBe(200);
      expect(asked).toBeGreaterThan(before);
    }
  });
});

describe('a clock that is wrong', () => {
  it('is corrected by the date of the refusal, once, for all requests under way and to come', async () => {
    const aheadMs = 3_600_000;
    const gateway = await startIamGateway({ now: () => now() + aheadMs });
    const sign = signedFetch({ region: REGION, credentials: CREDENTIALS });
    const statuses = await Promise.all(
      [1, 2, 3].map(
        async (i) => (await sign(`${gateway.url}/${i}`, { method: 'POST', body: 'x' })).status,
      ),
    );
    expect(statuses).toEqual([200, 200, 200]);
    expect((await sign(`${gateway.url}/4`)).status).toBe(200);
    expect(gateway.seen.filter(({ verdict }) => verdict.refusal !== undefined)).toHaveLength(3);
    expect(gateway.seen).toHaveLength(7);
    await gateway.close();
  });

  it('is not taken for the reason when it is right', async () => {
    const gateway = await startIamGateway({ now, allows: () => false });
    const sign = signedFetch({ region: REGION, credentials: CREDENTIALS });
    expect((await sign(`${gateway.url}/`)).status).toBe(403);
    expect(gateway.seen).toHaveLength(1);
    await gateway.close();
  });
});

describe('region and service', () => {
  it.each([
    ['abc123.execute-api.eu-west-1.amazonaws.com', 'eu-west-1', 'execute-api'],
    ['abc123-vpce-1a.execute-api.us-gov-west-1.amazonaws.com', 'us-gov-west-1', 'execute-api'],
    ['vpce-1a.execute-api.us-east-1.vpce.amazonaws.com', 'us-east-1', 'execute-api'],
    ['abc.execute-api.cn-north-1.amazonaws.com.cn', 'cn-north-1', 'execute-api'],
    ['xyz.lambda-url.ap-southeast-2.on.aws', 'ap-southeast-2', 'lambda'],
  ])('are those of the host %s', (host, region, service) => {
    expect(scopeOfHost(host)).toEqual({ region, service });
  });

  it.each([
    'log.example.com',
    'localhost',
    'execute-api.us-east-1.example.com',
    's3.amazonaws.com',
  ])('are not told by the host %s', (host) => {
    expect(scopeOfHost(host)).toBeUndefined();
  });

  it('must not contradict what the host tells', async () => {
    const sign = signedFetch({ region: 'eu-west-2', credentials: CREDENTIALS });
    await expect(
      sign('https://a.execute-api.eu-west-1.amazonaws.com/topics'),
    ).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringMatching(/is in eu-west-1, and the region given is eu-west-2/),
    });
  });

  it('are what the signature is for', async () => {
    const gateway = await startIamGateway({
      now,
      scope: { region: 'eu-west-1', service: 'lambda' },
    });
    const as = (region: string, service?: string) =>
      signedFetch({ region, service, credentials: CREDENTIALS })(gateway.url);
    expect((await as('eu-west-1', 'lambda')).status).toBe(200);
    expect((await as('eu-west-1')).status).toBe(403);
    expect((await as('eu-west-2', 'lambda')).status).toBe(403);
    await gateway.close();
  });
});
