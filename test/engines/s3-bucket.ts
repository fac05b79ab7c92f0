/** A bucket of its own on any endpoint that speaks S3, and the adapter over it. */
import { CreateBucketCommand, DeleteBucketCommand } from '@aws-sdk/client-s3';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { type ClientOptions, s3Client } from '../../lib/storage/aws/clients.ts';
import { s3Blobs } from '../../lib/storage/aws/s3-blobs.ts';
import type { BlobStore } from '../../lib/storage/ports.ts';

export interface S3Bucket {
  readonly bucket: string;
  readonly blobs: BlobStore;
  /** Deletes it, and all that is in it. */
  close(): Promise<void>;
}

/** Makes a bucket with a new name. */
export const newS3Bucket = async (options: ClientOptions): Promise<S3Bucket> => {
  const client = s3Client(options);
  const bucket = `stratalog-test-${systemRuntime.uuid()}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const blobs = s3Blobs({ client, bucket, runtime: systemRuntime });
  return {
    bucket,
    blobs,
    close: async () => {
      for (;;) {
        const objects = await blobs.list('');
        if (objects.length === 0) break;
        await blobs.delete(objects.map(({ key }) => key));
      }
      await client.send(new DeleteBucketCommand({ Bucket: bucket }));
      client.destroy();
    },
  };
};
