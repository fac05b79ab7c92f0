import { crc32 } from 'node:zlib';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { s3Client } from '../../lib/storage/aws/clients.ts';
import { BlobExists, BlobMissing, StoreError } from '../../lib/storage/ports.ts';
import { ANYBODY, type Answer, cannedS3, errorAnswer, thrown } from '../support/canned-s3.ts';

const s3 = cannedS3();
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const methods = (): readonly string[] => s3.asked.map(({ method }) => method);

/** What a client would send for a put, without sending it. */
const sent = async (endpoint?: string) => {
  const client = s3Client({ ...ANYBODY, ...(endpoint === undefined ? {} : { endpoint }) });
  let request: { hostname: string; path: string; headers: Record<string, string> } | undefined;
  client.middlewareStack.add(
    () => async (args) => {
      request = args.request as NonNullable<typeof request>;
      throw new Error('not sent');
    },
    { step: 'deserialize', priority: 'low' },
  );
  const command = new PutObjectCommand({ Bucket: 'logs', Key: 'wal/1', Body: bytes('hello') });
  await client.send(command).catch(() => undefined);
  return request!;
};

describe('a client of S3', () => {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(bytes('hello')));

  it('lets S3 check a CRC32 and, over TLS, hashes no body for the signature', async () => {
    const { headers, hostname, path } = await sent();
    expect(headers['x-amz-checksum-crc32']).toBe(checksum.toString('base64'));
    expect(headers['x-amz-content-sha256']).toBe('UNSIGNED-PAYLOAD');
    expect([hostname, path]).toEqual(['logs.s3.eu-central-1.amazonaws.com', '/wal/1']);
  });

  it('signs the body where nothing else guards it, and names the bucket in the path of what is not AWS', async () => {
    const { headers, hostname, path } = await sent('http://127.0.0.1:1234');
    expect(headers['x-amz-checksum-crc32']).toBe(checksum.toString('base64'));
    expect(headers['x-amz-content-sha256']).toMatch(/^[0-9a-f]{64}$/);
    expect([hostname, path]).toEqual(['127.0.0.1', '/logs/wal/1']);
  });
});

describe('a put', () => {
  it('asks that the key be free, and sends the buffers joined', async () => {
    await s3.store().put('wal/1', [bytes('ab'), bytes(''), bytes('c')]);
    const [{ method, url, headers, body } = { headers: {} }] = s3.asked;
    expect([method, url?.split('?')[0]]).toEqual(['PUT', '/logs/wal/1']);
    expect(headers['if-none-match']).toBe('*');
    expect(String(body)).toBe('abc');
  });

  it('asks again while somebody else puts the same key', async () => {
    const conflict = errorAnswer(409, 'ConditionalRequestConflict');
    s3.answer(conflict, conflict, {});
    await s3.store().put('wal/1', [bytes('a')]);
    expect(s3.asked.map(({ body }) => String(body))).toEqual(['a', 'a', 'a']);
    s3.answer(conflict, errorAnswer(412, 'PreconditionFailed'));
    expect(await thrown(s3.store().put('wal/1', [bytes('a')]))).toBeInstanceOf(BlobExists);
  });

  it('tells every other failure at once: whoever asked knows what to do', async () => {
    for (const [answer, reason, effect] of [
      [errorAnswer(500, 'InternalError'), 'unavailable', 'unknown'],
      [errorAnswer(503, 'SlowDown'), 'throttled', 'none'],
      [{ ending: 'cut' }, 'unavailable', 'unknown'],
    ] as const) {
      s3.answer(answer);
      const error = await thrown(s3.store().put('wal/1', [bytes('a')]));
      expect(error).toBeInstanceOf(StoreError);
      expect(error).toMatchObject({ reason, effect, retriable: true });
      expect(s3.asked).toHaveLength(1);
    }
  });

  it('gives up what is not answered', async () => {
    s3.answer({ ending: 'never' });
    const error = await thrown(s3.store().put('wal/1', [bytes('a')]));
    expect(error).toMatchObject({ reason: 'timeout', effect: 'unknown' });
  });
});

describe('a get', () => {
  const part = (body: string, range: string): Answer => ({
    status: 206,
    headers: { 'content-range': `bytes ${range}`, 'content-length': String(body.length) },
    body,
  });

  it('asks for a range by its last byte', async () => {
    s3.answer(part('bc', '1-2/5'));
    expect(await s3.store().get('wal/1', { start: 1, end: 3 })).toEqual(bytes('bc'));
    expect(s3.asked[0]?.headers.range).toBe('bytes=1-2');
  });

  it('refuses what S3 cut short because the object ends', async () => {
    s3.answer(part('bc', '1-2/3'));
    const error = await thrown(s3.store().get('wal/1', { start: 1, end: 9 }));
    expect(error).toMatchObject({ reason: 'invalid', effect: 'none' });
    expect(String(error)).toContain('[1, 9)');
    expect(String(error)).toContain('3 bytes');
    expect(s3.asked).toHaveLength(1);
  });

  it('judges by the size what begins behind the end, and what asks for nothing', async () => {
    const size: Answer = { headers: { 'content-length': '3' } };
    s3.answer(errorAnswer(416, 'InvalidRange'), size);
    expect(String(await thrown(s3.store().get('wal/1', { start: 4, end: 9 })))).toContain(
      '3 bytes',
    );
    expect(methods()).toEqual(['GET', 'HEAD']);
    s3.answer(size);
    expect(await s3.store().get('wal/1', { start: 3, end: 3 })).toEqual(bytes(''));
    for (const [start, end] of [
      [4, 4],
      [2, 1],
    ] as const) {
      const error = await thrown(s3.store().get('wal/1', { start, end }));
      expect(error).toMatchObject({ reason: 'invalid' });
    }
    expect(new Set(methods())).toEqual(new Set(['HEAD']));
    s3.answer({ status: 404 });
    const missing = thrown(s3.store().get('wal/1', { start: 0, end: 0 }));
    expect(await missing).toBeInstanceOf(BlobMissing);
  });

  it('believes no answer that is not the range', async () => {
    s3.answer({ body: 'abcdef' }, part('bc', '1-2/6'));
    expect(await s3.store().get('wal/1', { start: 1, end: 3 })).toEqual(bytes('bc'));
    expect(s3.asked).toHaveLength(2);
  });

  it('asks again when the body breaks off, or S3 cannot answer', async () => {
    const whole: Answer = { headers: { 'content-length': '6' }, body: 'abcdef' };
    const broken: Answer = { headers: { 'content-length': '6' }, body: 'abc', ending: 'cut' };
    s3.answer(broken, errorAnswer(503, 'SlowDown'), errorAnswer(500, 'InternalError'), whole);
    expect(await s3.store().get('wal/1')).toEqual(bytes('abcdef'));
    expect(s3.asked).toHaveLength(4);
  });

  it('takes a body that comes in chunks, its length unsaid', async () => {
    s3.answer({ body: 'abcdef', headers: { 'transfer-encoding': 'chunked' } });
    expect(Buffer.from(await s3.store().get('wal/1')).toString()).toBe('abcdef');
  });

  it('is signed by the clock of AWS after an answer that told it', async () => {
    const ahead = new Date('2031-05-06T07:08:09Z').toUTCString();
    s3.answer(errorAnswer(403, 'RequestTimeTooSkewed', { date: ahead }), {
      headers: { 'content-length': '1' },
      body: 'a',
    });
    await s3.store().get('wal/1');
    expect(s3.asked.map(({ headers }) => String(headers['x-amz-date']).slice(0, 4))).toEqual([
      expect.not.stringMatching('2031'),
      '2031',
    ]);
    // What the client learned stays with it: let it learn the real time again.
    s3.answer(
      errorAnswer(403, 'RequestTimeTooSkewed', {
        date: new Date(systemRuntime.now()).toUTCString(),
      }),
      {
        body: 'a',
      },
    );
    await s3.store().get('wal/1');
  });
});

describe('a list', () => {
  const page = (keys: readonly string[], next?: string): Answer => ({
    headers: { 'content-type': 'application/xml' },
    body: `<ListBucketResult>${keys
      .map((key) => `<Contents><Key>${key}</Key><Size>${key.length}</Size></Contents>`)
      .join('')}<IsTruncated>${next !== undefined}</IsTruncated>${
      next === undefined ? '' : `<NextContinuationToken>${next}</NextContinuationToken>`
    }</ListBucketResult>`,
  });
  const queries = () =>
    s3.asked.map(({ url }) => Object.fromEntries(new URL(url, 'http://x').searchParams));

  it('goes on while S3 has more, even after a page with nothing on it', async () => {
    s3.answer(page(['a/1', 'a/2'], 'one'), page([], 'two'), page(['a/3']));
    const found = await s3.store().list('a/', { after: 'a/0', limit: 1_500 });
    expect(found.map(({ key }) => key)).toEqual(['a/1', 'a/2', 'a/3']);
    expect(queries()).toMatchObject([
      { prefix: 'a/', 'start-after': 'a/0', 'max-keys': '1000' },
      { prefix: 'a/', 'continuation-token': 'one', 'max-keys': '1000' },
      { prefix: 'a/', 'continuation-token': 'two', 'max-keys': '1000' },
    ]);
  });

  it('ends at its limit', async () => {
    s3.answer(page(['a/1', 'a/2'], 'one'), page(['a/3'], 'two'));
    expect(await s3.store().list('a/', { limit: 3 })).toHaveLength(3);
    expect(queries().map((query) => query['max-keys'])).toEqual(['3', '1']);
    s3.answer();
    expect(await s3.store().list('a/', { limit: 0 })).toEqual([]);
    expect(s3.asked).toEqual([]);
  });
});

describe('a delete', () => {
  const failing = (key: string, code: string): Answer => ({
    headers: { 'content-type': 'application/xml' },
    body: `<DeleteResult><Error><Key>${key}</Key><Code>${code}</Code><Message>Because of ${code}</Message></Error></DeleteResult>`,
  });
  const keysIn = (body: Buffer): readonly string[] =>
    [...String(body).matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key!);

  it('asks again for the keys that failed, and only for them', async () => {
    s3.answer(failing('b', 'InternalError'), failing('b', 'SlowDown'), { body: '<DeleteResult/>' });
    await s3.store().delete(['a', 'b', 'c']);
    expect(s3.asked.map(({ body }) => keysIn(body))).toEqual([['a', 'b', 'c'], ['b'], ['b']]);
  });

  it('tells a key that may not be deleted, and that others may be gone', async () => {
    s3.answer(failing('b', 'AccessDenied'));
    const error = await thrown(s3.store().delete(['a', 'b']));
    expect(error).toMatchObject({ reason: 'denied', effect: 'unknown' });
    expect(String(error)).toMatch(/delete b .*Because of AccessDenied.*s3:DeleteObject/);
    expect(s3.asked).toHaveLength(1);
  });

  it('deletes a thousand keys a call, with the checksum that S3 asks for', async () => {
    s3.answer({ body: '<DeleteResult/>' });
    const keys = Array.from({ length: 2_001 }, (_, n) => `k${n}`);
    await s3.store().delete(keys);
    const sizes = s3.asked.map(({ body }) => keysIn(body).length);
    expect(sizes.sort((left, right) => left - right)).toEqual([1, 1_000, 1_000]);
    for (const { headers } of s3.asked) expect(headers['x-amz-checksum-crc32']).toBeDefined();
    s3.answer();
    await s3.store().delete([]);
    expect(s3.asked).toEqual([]);
  });
});
