/**
 * Objects in S3: one bucket, keys as they are.
 *
 *   put      PutObject If-None-Match: *     412 → BlobExists; one attempt, as the protocols try again themselves
 *   get      GetObject Range: bytes=0-99    Content-Range tells the size, so that a range cut short is refused
 *   list     ListObjectsV2, page by page    S3 lists by UTF-8 bytes, and keys are ASCII
 *   delete   DeleteObjects, 1,000 a call    keys that failed are asked for again
 *
 * All but `put` change nothing by being repeated, and are repeated here while a failure may pass. The
 * client is that of `clients.ts`: without retries of its own, which would hide what a put met.
 */
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import {
  BLOB_TIMEOUT_MS,
  MAX_AWS_SOCKETS,
  SLOWEST_BLOB_BYTES_PER_MS,
  STORE_PATIENCE_MS,
} from '../../model/limits.ts';
import type { Runtime } from '../../model/runtime.ts';
import { requireBlobKey, requireRange } from '../blob-key.ts';
import { inParallel, turnstile } from '../parallel.ts';
import { backoffMs, retrying } from '../patience.ts';
import { type BlobInfo, type BlobStore, type ByteRange, StoreError } from '../ports.ts';
import { inTime } from './in-time.ts';
import { deleteFailure, isOutOfRange, isPutConflict, s3Failure } from './s3-errors.ts';

/** Keys that S3 lists, and deletes, in one call. */
const KEYS_PER_CALL = 1_000;
const DELETES_IN_FLIGHT = 4;

/** What the adapter stands on. */
export interface S3Options {
  /** That of `clients.ts`. */
  readonly client: S3Client;
  readonly bucket: string;
  readonly runtime: Runtime;
}

/** Every call but a put that S3 does not answer well is repeated for `STORE_PATIENCE_MS`. */
export const s3Blobs = ({ client, bucket, runtime }: S3Options): BlobStore => {
  // A call that waits for a connection would run out of time before it is sent.
  const inTurn = turnstile(MAX_AWS_SOCKETS);

  /** One call, with time for `sizeBytes` to travel. */
  const once = async <T>(
    verb: string,
    key: string,
    sizeBytes: number,
    call: (options: { readonly abortSignal: AbortSignal }) => Promise<T>,
  ): Promise<T> => {
    const timeoutMs = BLOB_TIMEOUT_MS + Math.ceil(sizeBytes / SLOWEST_BLOB_BYTES_PER_MS);
    try {
      return await inTime(
        runtime,
        timeoutMs,
        `To ${verb} ${key} in the bucket ${bucket}`,
        (signal) => call({ abortSignal: signal }),
      );
    } catch (error) {
      throw s3Failure(error, verb, key, bucket);
    }
  };

  /** Repeats what may be repeated. */
  const patiently = <T>(attempt: () => Promise<T>): Promise<T> =>
    inTurn(() => retrying(runtime, runtime.monotonicMs() + STORE_PATIENCE_MS, attempt));

  /** Repeats what certainly stored nothing. */
  const putOnce = async (key: string, Body: Uint8Array): Promise<void> => {
    const command = new PutObjectCommand({ Bucket: bucket, Key: key, Body, IfNoneMatch: '*' });
    const deadlineMs = runtime.monotonicMs() + STORE_PATIENCE_MS;
    for (let attempt = 0; ; attempt++) {
      try {
        await once('put', key, Body.length, (options) => client.send(command, options));
        return;
      } catch (error) {
        if (!isPutConflict(error) || runtime.monotonicMs() >= deadlineMs) throw error;
        await runtime.sleep(backoffMs(attempt, runtime));
      }
    }
  };

  const sizeOf = async (key: string): Promise<number> => {
    const command = new HeadObjectCommand({ Bucket: bucket, Key: key });
    const { ContentLength } = await once('look at', key, 0, (o) => client.send(command, o));
    return Number(ContentLength);
  };

  const read = async (key: string, range: ByteRange | undefined): Promise<Uint8Array> => {
    const Range = range && `bytes=${range.start}-${range.end - 1}`;
    const command = new GetObjectCommand({ Bucket: bucket, Key: key, Range });
    const answer = await once('get', key, 0, (options) => client.send(command, options));
    const body = answer.Body as Readable;
    try {
      const objectBytes = Number(answer.ContentRange?.split('/')[1] ?? answer.ContentLength);
      if (range !== undefined) requireRange(key, range, objectBytes);
      const sizeBytes = range === undefined ? objectBytes : range.end - range.start;
      return await once('get', key, sizeBytes || 0, () => readWhole(body, sizeBytes));
    } finally {
      // One that is given up would keep its connection.
      body.destroy();
    }
  };

  const readInRange = async (key: string, range: ByteRange): Promise<Uint8Array> => {
    if (range.start < range.end) {
      try {
        return await read(key, range);
      } catch (error) {
        if (isOutOfRange(error)) requireRange(key, range, await sizeOf(key));
        throw error;
      }
    }
    // No `Range` header asks for nothing.
    requireRange(key, range, await sizeOf(key));
    return new Uint8Array(0);
  };

  /** Up to `KEYS_PER_CALL` of them. */
  const deleteSome = async (keys: readonly string[]): Promise<void> => {
    let left = keys;
    await patiently(async () => {
      const Objects = left.map((Key) => ({ Key }));
      const command = new DeleteObjectsCommand({
        Bucket: bucket,
        Delete: { Objects, Quiet: true },
      });
      const { Errors = [] } = await once('delete', left[0]!, 0, (o) => client.send(command, o));
      const failed = Errors.filter(({ Code }) => Code !== 'NoSuchKey');
      if (failed.length === 0) return;
      left = failed.map(({ Key }) => Key ?? '');
      throw deleteFailure(failed[0]!, bucket);
    });
  };

  return {
    async put(key, buffers) {
      requireBlobKey(key);
      // A single buffer travels as it is.
      const Body = buffers.length === 1 ? buffers[0]! : Buffer.concat(buffers);
      await inTurn(() => putOnce(key, Body));
    },
    async get(key, range) {
      requireBlobKey(key);
      return patiently(() => (range === undefined ? read(key, range) : readInRange(key, range)));
    },
    async list(prefix, { after, limit = KEYS_PER_CALL } = {}) {
      const found: BlobInfo[] = [];
      if (limit <= 0) return found;
      let next: string | undefined;
      do {
        const command = new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          StartAfter: after,
          ContinuationToken: next,
          MaxKeys: Math.min(KEYS_PER_CALL, limit - found.length),
        });
        const { Contents = [], NextContinuationToken } = await patiently(() =>
          once('list', `${prefix}…`, 0, (options) => client.send(command, options)),
        );
        for (const { Key = '', Size = 0 } of Contents) found.push({ key: Key, sizeBytes: Size });
        next = NextContinuationToken;
      } while (next !== undefined && found.length < limit);
      return found;
    },
    async delete(keys) {
      keys.forEach(requireBlobKey);
      const calls = Array.from({ length: Math.ceil(keys.length / KEYS_PER_CALL) }, (_, n) =>
        keys.slice(n * KEYS_PER_CALL, (n + 1) * KEYS_PER_CALL),
      );
      await inParallel(calls, DELETES_IN_FLIGHT, deleteSome);
    },
  };
};

/**
 * @param sizeBytes NaN: something on the way took the length out, and sends chunks that tell their own
 * @throws StoreError unavailable unless `body` is this long
 */
const readWhole = async (body: Readable, sizeBytes: number): Promise<Uint8Array> => {
  if (Number.isNaN(sizeBytes)) return buffer(body);
  const bytes = new Uint8Array(sizeBytes);
  let at = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    if (at + chunk.length <= sizeBytes) bytes.set(chunk, at);
    at += chunk.length;
  }
  if (at === sizeBytes) return bytes;
  throw new StoreError('unavailable', `S3 sent ${at} bytes of ${sizeBytes}`);
};
