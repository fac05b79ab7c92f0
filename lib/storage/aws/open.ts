/**
 * The stores of a stack: its table and its bucket, by their names.
 */
import { type Runtime, systemRuntime } from '../../model/runtime.ts';
import { type BlobStore, type ItemStore, StoreError } from '../ports.ts';
import { type ClientOptions, dynamoClient, s3Client } from './clients.ts';
import { dynamoItems } from './dynamo-items.ts';
import { s3Blobs } from './s3-blobs.ts';

/** Which table, which bucket, and where, if not where the environment says. */
export interface AwsOptions extends ClientOptions {
  readonly table: string;
  readonly bucket: string;
  /** Default: the process's own. */
  readonly runtime?: Runtime;
}

/** Both ports, open. */
export interface AwsStores {
  readonly items: ItemStore;
  readonly blobs: BlobStore;
  /** Lets go of the connections; calls under way fail. */
  close(): void;
}

const requireName = (name: string, setting: string, what: string): void => {
  if (name !== '') return;
  const message = `Set ${setting} to the name of the ${what} that the stack made (an output of it).`;
  throw new StoreError('invalid', message, { effect: 'none' });
};

/**
 * Asks AWS nothing yet: whether the names are right is told by the first call that needs them.
 * @throws StoreError invalid when a name is missing, or the bucket is of a kind that does not list in key order
 */
export const openAws = (options: AwsOptions): AwsStores => {
  const { table, bucket, runtime = systemRuntime, ...clientOptions } = options;
  requireName(table, 'STRATALOG_TABLE', 'table');
  requireName(bucket, 'STRATALOG_BUCKET', 'bucket');
  if (bucket.endsWith('--x-s3')) {
    throw new StoreError(
      'invalid',
      `The bucket ${bucket} is a directory bucket, which lists in no order and so cannot keep the log: set STRATALOG_BUCKET to a general purpose bucket.`,
      { effect: 'none' },
    );
  }
  const dynamo = dynamoClient(clientOptions);
  const s3 = s3Client(clientOptions);
  return {
    items: dynamoItems({ client: dynamo, table, runtime }),
    blobs: s3Blobs({ client: s3, bucket, runtime }),
    close: () => {
      dynamo.destroy();
      s3.destroy();
    },
  };
};
