/**
 * What S3 says of an object or a bucket, as StoreErrors. What any service says: `service-errors.ts`.
 *
 * Four answers are no failures but facts:
 *
 *   412 PreconditionFailed           the key is taken
 *   409 ConditionalRequestConflict   somebody else puts or deletes it just now: ask again
 *   404 NoSuchKey, NotFound          there is no such object (a HEAD has no body to say NoSuchKey in)
 *   416 InvalidRange                 the range begins at or behind the object's end
 */
import type { _Error as S3KeyError } from '@aws-sdk/client-s3';
import { BlobExists, BlobMissing, StoreError } from '../ports.ts';
import { type FailureTable, refused, storeErrorOf } from './service-errors.ts';

const BUCKET = refused(
  'invalid',
  'Set STRATALOG_BUCKET to the name of the bucket that the stack made (an output of it), in the account of these credentials.',
);
const REGION = refused('invalid', 'Set AWS_REGION to the region of the bucket.');
/** Nothing was stored: what arrived is not what its checksum or length says. */
const DAMAGED = refused('unavailable');
const KEY = refused(
  'denied',
  'The KMS key of the bucket cannot be used: enable it, and let the role use it.',
);

const S3_FAILURES: FailureTable = {
  NoSuchBucket: BUCKET,
  InvalidBucketName: BUCKET,
  PermanentRedirect: REGION,
  AuthorizationHeaderMalformed: REGION,
  IllegalLocationConstraintException: REGION,
  // Told while a new bucket's name is not yet known everywhere.
  TemporaryRedirect: refused('unavailable'),
  OperationAborted: refused('unavailable'),
  ConditionalRequestConflict: refused('unavailable'),
  AccessDenied: refused(
    'denied',
    'Give the role that calls the permission that is named here (s3:GetObject, s3:PutObject, s3:DeleteObject; without s3:ListBucket S3 also says this of an object that is not there), and kms:Decrypt and kms:GenerateDataKey for a KMS key.',
  ),
  BadDigest: DAMAGED,
  IncompleteBody: DAMAGED,
  InvalidDigest: DAMAGED,
  XAmzContentChecksumMismatch: DAMAGED,
  XAmzContentSHA256Mismatch: DAMAGED,
  InvalidObjectState: refused(
    'invalid',
    'The object was moved to an archive: take the transition out of the lifecycle of the bucket, and restore it.',
  ),
  NotImplemented: refused(
    'invalid',
    'Whatever stands for S3 at this endpoint cannot do what the log needs: conditional writes (If-None-Match), ranged reads, batched deletes.',
  ),
  'KMS.DisabledException': KEY,
  'KMS.KMSInvalidStateException': KEY,
  'KMS.NotFoundException': KEY,
};

/** S3's code for an error, or for the error that a StoreError was made of. */
const codeOf = (error: unknown): unknown => {
  const told = error instanceof StoreError ? error.cause : error;
  return (told as { readonly name?: unknown } | undefined)?.name;
};

export const isPutConflict = (error: unknown): boolean =>
  codeOf(error) === 'ConditionalRequestConflict';

export const isOutOfRange = (error: unknown): boolean => codeOf(error) === 'InvalidRange';

/**
 * What the port says of an error.
 * @param verb what S3 was asked to do with `key`
 * @returns a StoreError names the bucket, and its region where S3 told it
 */
export const s3Failure = (error: unknown, verb: string, key: string, bucket: string): Error => {
  const code = codeOf(error);
  if (code === 'PreconditionFailed') return new BlobExists(key);
  if (code === 'NoSuchKey' || code === 'NotFound') return new BlobMissing(key);
  const { $response } = error as { $response?: { headers?: Readonly<Record<string, string>> } };
  const region = $response?.headers?.['x-amz-bucket-region'];
  const place = region === undefined ? bucket : `${bucket}, which is in ${region}`;
  return storeErrorOf(error, `Could not ${verb} ${key} in the bucket ${place}`, S3_FAILURES);
};

/** What S3 says of one key of several that were to be deleted; of the others some may be gone. */
export const deleteFailure = (
  { Key, Code = 'InternalError', Message = '' }: S3KeyError,
  bucket: string,
): StoreError => {
  const cause = Object.assign(new Error(Message), { name: Code });
  const what = `Could not delete ${Key} in the bucket ${bucket}`;
  const { reason, message } = storeErrorOf(cause, what, S3_FAILURES);
  return new StoreError(reason, message, { cause });
};
