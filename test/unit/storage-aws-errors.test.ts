import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { s3Client } from '../../lib/storage/aws/clients.ts';
import { inTime } from '../../lib/storage/aws/in-time.ts';
import { openAws } from '../../lib/storage/aws/open.ts';
import { s3Blobs } from '../../lib/storage/aws/s3-blobs.ts';
import { storeErrorOf } from '../../lib/storage/aws/service-errors.ts';
import { BlobMissing, StoreError } from '../../lib/storage/ports.ts';
import { ANYBODY, type Answer, cannedS3, errorAnswer, thrown } from '../support/canned-s3.ts';
import { virtualRuntime } from '../support/virtual-runtime.ts';

const s3 = cannedS3();

/** What a put that is answered so throws. */
const failureOfPut = async (answer: Answer): Promise<StoreError> => {
  s3.answer(answer);
  const error = await thrown(s3.store().put('wal/1', []));
  expect(error).toBeInstanceOf(StoreError);
  return error as StoreError;
};

/** A store on another endpoint, with whatever credentials and region the environment gives. */
const elsewhere = (endpoint: string, options = ANYBODY) =>
  s3Blobs({
    client: s3Client({ ...options, endpoint }),
    bucket: 'logs',
    runtime: systemRuntime,
  });

/** Nothing of the machine that these run on. */
const NOBODY = {
  AWS_REGION: undefined,
  AWS_DEFAULT_REGION: undefined,
  AWS_PROFILE: undefined,
  AWS_ACCESS_KEY_ID: undefined,
  AWS_SECRET_ACCESS_KEY: undefined,
  AWS_SESSION_TOKEN: undefined,
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
};

const stubNobody = (): void => {
  for (const [name, value] of Object.entries(NOBODY)) vi.stubEnv(name, value);
};

describe('what S3 says', () => {
  it.each([
    [404, 'NoSuchBucket', 'invalid', 'none', /bucket logs.*STRATALOG_BUCKET/],
    [400, 'InvalidBucketName', 'invalid', 'none', /STRATALOG_BUCKET/],
    [301, 'PermanentRedirect', 'invalid', 'none', /AWS_REGION/],
    [400, 'AuthorizationHeaderMalformed', 'invalid', 'none', /AWS_REGION/],
    [403, 'AccessDenied', 'denied', 'none', /s3:PutObject/],
    [403, 'InvalidAccessKeyId', 'denied', 'none', /AWS_ACCESS_KEY_ID/],
    [403, 'SignatureDoesNotMatch', 'denied', 'none', /AWS_SECRET_ACCESS_KEY/],
    [400, 'ExpiredToken', 'denied', 'none', /have expired/],
    [403, 'RequestTimeTooSkewed', 'unavailable', 'none', /clock/],
    [400, 'KMS.DisabledException', 'denied', 'none', /KMS key/],
    [503, 'SlowDown', 'throttled', 'none', /SlowDown/],
    [503, 'ServiceUnavailable', 'unavailable', 'unknown', /ServiceUnavailable/],
    [500, 'InternalError', 'unavailable', 'unknown', /InternalError/],
    [400, 'RequestTimeout', 'timeout', 'unknown', /RequestTimeout/],
    [400, 'BadDigest', 'unavailable', 'none', /BadDigest/],
    [501, 'NotImplemented', 'invalid', 'none', /If-None-Match/],
    [400, 'NeverHeardOf', 'invalid', 'none', /NeverHeardOf/],
    [418, 'NeverHeardOf', 'invalid', 'none', /NeverHeardOf/],
    [429, 'NeverHeardOf', 'throttled', 'none', /NeverHeardOf/],
    [403, 'NeverHeardOf', 'denied', 'none', /permission/],
    [599, 'NeverHeardOf', 'unavailable', 'unknown', /NeverHeardOf/],
  ] as const)('%d %s is %s, effect %s', async (status, code, reason, effect, says) => {
    const error = await failureOfPut(errorAnswer(status, code));
    expect(error).toMatchObject({ reason, effect });
    expect(error.message).toMatch(/^Could not put wal\/1 in the bucket logs: /);
    expect(error.message).toContain(`What S3 says of ${code}.`);
    expect(error.message).toMatch(says);
  });

  it('names the region of the bucket where S3 does', async () => {
    const headers = { 'x-amz-bucket-region': 'ap-south-1' };
    const { message } = await failureOfPut(errorAnswer(301, 'PermanentRedirect', headers));
    expect(message).toMatch(/logs, which is in ap-south-1: .* Set AWS_REGION/);
  });

  it('tells a proxy from S3', async () => {
    const page = { headers: { 'content-type': 'text/html' }, body: '<html>Bad gateway</html>' };
    const error = await failureOfPut({ status: 502, ...page });
    expect(error).toMatchObject({ reason: 'unavailable', effect: 'unknown' });
  });

  it('tells a missing object from a missing bucket', async () => {
    s3.answer(errorAnswer(404, 'NoSuchKey'));
    expect(await thrown(s3.store().get('wal/1'))).toBeInstanceOf(BlobMissing);
    s3.answer(errorAnswer(404, 'NoSuchBucket'));
    expect(await thrown(s3.store().get('wal/1'))).toMatchObject({ reason: 'invalid' });
  });

  it('warns that a refused get may be a missing object', async () => {
    s3.answer(errorAnswer(403, 'AccessDenied'));
    expect(String(await thrown(s3.store().get('wal/1')))).toContain('s3:ListBucket');
  });
});

describe('on the way to AWS', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('nobody listens', async () => {
    const error = await thrown(elsewhere('http://127.0.0.1:1').put('wal/1', []));
    expect(error).toMatchObject({ reason: 'unavailable', effect: 'none' });
    expect(String(error)).toContain('AWS_ENDPOINT_URL_');
  });

  it('no such host', async () => {
    const error = await thrown(elsewhere('http://nowhere.invalid').put('wal/1', []));
    expect(error).toMatchObject({ reason: 'unavailable', effect: 'none' });
  });

  it('no TLS', async () => {
    const error = await thrown(
      elsewhere(s3.endpoint().replace('http:', 'https:')).put('wal/1', []),
    );
    expect(error).toMatchObject({ reason: 'invalid', effect: 'none' });
    expect(String(error)).toContain('speaks no TLS');
  });

  it('a certificate that nobody vouches for', () => {
    const code = 'SELF_SIGNED_CERT_IN_CHAIN';
    const told = Object.assign(new Error('self-signed certificate in certificate chain'), { code });
    const error = storeErrorOf(told, 'Could not ask', {});
    expect(error).toMatchObject({ reason: 'invalid', effect: 'none', cause: told });
    expect(error.message).toBe(
      "Could not ask: SELF_SIGNED_CERT_IN_CHAIN: self-signed certificate in certificate chain. The certificate of the endpoint is not trusted: name its authority's in NODE_EXTRA_CA_CERTS, or check AWS_ENDPOINT_URL_*.",
    );
  });

  it('no region', async () => {
    stubNobody();
    const credentials = ANYBODY.credentials!;
    const error = await thrown(elsewhere(s3.endpoint(), { credentials }).put('wal/1', []));
    expect(error).toMatchObject({ reason: 'invalid', effect: 'none' });
    expect(String(error)).toContain('Set AWS_REGION');
  });

  it('no credentials', async () => {
    stubNobody();
    const store = elsewhere(s3.endpoint(), { region: 'eu-central-1' });
    const error = await thrown(store.put('wal/1', []));
    expect(error).toMatchObject({ reason: 'denied', effect: 'none' });
    expect(String(error)).toContain('AWS_PROFILE');
  });
});

describe('stores that are opened', () => {
  it('need names', () => {
    expect(() => openAws({ table: '', bucket: 'logs' })).toThrow('STRATALOG_TABLE');
    expect(() => openAws({ table: 'log', bucket: '' })).toThrow('STRATALOG_BUCKET');
    expect(() => openAws({ table: 'log', bucket: 'logs--use1-az4--x-s3' })).toThrow(
      'directory bucket',
    );
  });

  it('need an endpoint that is one, if any', () => {
    const names = { table: 'log', bucket: 'logs' };
    expect(() => openAws({ ...names, endpoint: 'localhost' })).toThrow('AWS_ENDPOINT_URL_S3');
  });
});

describe('a call in time', () => {
  it('has its answer, or is given up whatever it does about that', () => {
    const runtime = virtualRuntime(1);
    return runtime.drive(async () => {
      expect(await inTime(runtime, 100, 'It', async () => 'done')).toBe('done');
      let aborted = false;
      const never = inTime(runtime, 100, 'It', (signal) => {
        signal.addEventListener('abort', () => (aborted = true));
        return new Promise(() => {});
      });
      const error = await thrown(never);
      expect(error).toMatchObject({ reason: 'timeout', effect: 'unknown' });
      expect(String(error)).toContain('It took longer than 100 ms');
      expect(aborted).toBe(true);
      expect(runtime.monotonicMs()).toBe(100);
    });
  });
});
