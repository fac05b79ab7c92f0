/** What the client makes of a gateway's own words, and what it advises. */
import { expect, it } from 'vitest';
import { createAdmin } from '../../lib/client/admin.ts';
import { errorOfStatus } from '../../lib/client/failures.ts';
import type { Asked } from '../../lib/client/gateway.ts';
import { httpTransport } from '../../lib/client/transport.ts';
import { StratalogError } from '../../lib/model/errors.ts';

const SIGNED = 'AKIA1 for execute-api in eu-west-1';
const asked = (path: string, signedAs?: string): Asked => ({
  method: 'POST',
  path,
  ...(signedAs === undefined ? {} : { signedAs }),
});
const NOT_AUTHORIZED =
  'User: arn:aws:iam::1:user/u is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-west-1:1:a/prod/POST/topics';

it.each<[said: string, asked: Asked, code: string, advice: RegExp]>([
  ['Forbidden', asked('/topics/a/records'), 'TOPIC_AUTHORIZATION_FAILED', /signedFetch.*--region/],
  ['Forbidden', asked('/topics'), 'CLUSTER_AUTHORIZATION_FAILED', /…\/POST\/topics\.$/],
  [
    'Forbidden',
    asked('/groups/g/offsets?a=b'),
    'GROUP_AUTHORIZATION_FAILED',
    /\/groups\/g\/offsets\.$/,
  ],
  [
    'Forbidden',
    asked('/producers', SIGNED),
    'CLUSTER_AUTHORIZATION_FAILED',
    /signed by AKIA1 for execute-api in eu-west-1\. Its owner needs execute-api:Invoke on …\/POST\/producers/,
  ],
  [
    'Forbidden',
    asked('/topics/a/fetch', 'AKIA1 for lambda in eu-west-1'),
    'TOPIC_AUTHORIZATION_FAILED',
    /needs lambda:InvokeFunctionUrl/,
  ],
  [NOT_AUTHORIZED, asked('/topics/a/records', SIGNED), 'TOPIC_AUTHORIZATION_FAILED', /owner needs/],
  ['Missing Authentication Token', asked('/topics'), 'SASL_AUTHENTICATION_FAILED', /signedFetch/],
  [
    'Missing Authentication Token',
    asked('/topics', SIGNED),
    'INVALID_REQUEST',
    /check the endpoint, with its stage/,
  ],
  [
    'The security token included in the request is expired',
    asked('/topics', SIGNED),
    'SASL_AUTHENTICATION_FAILED',
    /aws sso login/,
  ],
  [
    "Credential should be scoped to a valid region, not 'us-east-1'. ",
    asked('/topics', SIGNED),
    'SASL_AUTHENTICATION_FAILED',
    /give others/,
  ],
])('%s %o', (message, request, code, advice) => {
  for (const body of [{ message }, { Message: message }]) {
    const error = errorOfStatus(403, JSON.stringify(body), true, request);
    expect(error).toMatchObject({ code, effect: 'none', retriable: false });
    expect(error.message).toMatch(advice);
    expect(error.message).not.toMatch(/\.\s*\. /);
  }
});

it('gives no advice on what it does not know', () => {
  const { message } = errorOfStatus(403, 'no', true, asked('/topics'));
  expect(message).toBe('The service answered 403: no');
  for (const body of ['{"message":1}', '{"message"', '[]']) {
    expect(errorOfStatus(404, body, true, asked('/topics')).message).not.toContain('endpoint');
  }
});

it('tells what a fetch knows better as it is, but for what cannot have changed anything', async () => {
  const known = new StratalogError('THROTTLING_QUOTA_EXCEEDED', 'busy', { effect: 'unknown' });
  const exchange = httpTransport({ endpoint: 'http://x', fetch: () => Promise.reject(known) });
  await expect(exchange({ method: 'POST', path: '/topics' })).rejects.toBe(known);
  await expect(exchange({ method: 'GET', path: '/topics' })).rejects.toMatchObject({
    code: 'THROTTLING_QUOTA_EXCEEDED',
    effect: 'none',
  });
});

it.each([
  ['http://127.0.0.1:8080', /Start the service with `stratalog dev`/],
  [
    'https://a.execute-api.eu-west-1.amazonaws.com',
    /ENOTFOUND\)\. Check the endpoint, and whether/,
  ],
])('tells what to do where nothing answers at %s', async (endpoint, advice) => {
  const cause = Object.assign(new Error('lookup'), { code: 'ENOTFOUND' });
  const exchange = httpTransport({ endpoint, fetch: () => Promise.reject(cause) });
  await expect(exchange({ method: 'GET', path: '/topics' })).rejects.toMatchObject({
    code: 'CONNECTION_FAILED',
    message: expect.stringMatching(advice),
  });
});

it('takes the answer of another API for none of the service', async () => {
  const fetch = () => Promise.resolve(Response.json({ items: [] }));
  const admin = createAdmin({ endpoint: 'http://x', fetch });
  for (const call of [
    () => admin.listTopics(),
    () => admin.describeTopic('a'),
    () => admin.listOffsets({ topic: 'a' }),
    () => admin.describeCluster(),
  ]) {
    await expect(call()).rejects.toThrow(
      'The service answered 200: {"items":[]}; the endpoint may be that of something else',
    );
  }
});
