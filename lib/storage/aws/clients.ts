/**
 * The SDK's clients, as the adapters want them.
 *
 * - No retries of the SDK's own: the adapters and the protocols repeat what is safe to repeat, because
 *   they know what that is and how to find out what happened.
 * - Connections are kept (`connections.ts`); one that cannot be made, or falls silent, is given up.
 * - Endpoints, regions and credentials are found by the SDK: AWS_ENDPOINT_URL_DYNAMODB,
 *   AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, AWS_PROFILE, and so on.
 *
 * What an object weighs, CPU ms for 1 MB (SDK 3.1169, x64):
 *
 *   SHA-256 in the signature, CRC32 beside it (the SDK's default)   1.7
 *   CRC32 only                                                      0.6  ◄── over TLS
 *   CRC32C, CRC64NVME, which the SDK computes in JavaScript    3.1, 3.8
 *   neither                                                         0.3
 *
 * TLS guards the bytes on the way as the signature would. The CRC32 goes further: S3 compares it with
 * what it stores and keeps it, and Node computes it natively.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { AWS_CONNECT_TIMEOUT_MS, AWS_SILENCE_TIMEOUT_MS } from '../../model/limits.ts';
import type { Runtime } from '../../model/runtime.ts';
import { StoreError } from '../ports.ts';
import { type Connections, keptConnections } from './connections.ts';

export interface ClientOptions {
  /** Default: AWS_REGION, else that of the profile. */
  readonly region?: string;
  /** Default: AWS_ENDPOINT_URL_<service>, AWS_ENDPOINT_URL, else AWS. */
  readonly endpoint?: string;
  /** Default: the SDK's chain of providers. */
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

const transport = ({ httpAgent, httpsAgent }: Connections) => ({
  maxAttempts: 1,
  requestHandler: {
    connectionTimeout: AWS_CONNECT_TIMEOUT_MS,
    socketTimeout: AWS_SILENCE_TIMEOUT_MS,
    httpAgent,
    httpsAgent,
  },
});

/** A middleware: what it forgets, the call that follows does not use. */
const forgetting =
  ({ forgetStale }: Connections) =>
  <Args, Answer>(next: (args: Args) => Promise<Answer>) =>
  (args: Args): Promise<Answer> => {
    forgetStale();
    return next(args);
  };
const BEFORE_EACH_CALL = { step: 'finalizeRequest', name: 'forgetStaleConnections' } as const;

/** @param clock that tells how long a connection was idle */
export const dynamoClient = (
  options: ClientOptions,
  clock?: Pick<Runtime, 'now'>,
): DynamoDBClient => {
  const connections = keptConnections(clock);
  const client = new DynamoDBClient({ ...transport(connections), ...options });
  client.middlewareStack.add(forgetting(connections), BEFORE_EACH_CALL);
  return client;
};

/** Emulators and other services have no host name for each bucket. */
const isAws = (endpoint: string): boolean => {
  if (!URL.canParse(endpoint)) {
    const message = `The endpoint ${JSON.stringify(endpoint)} of S3 is no URL: check AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL.`;
    throw new StoreError('invalid', message, { effect: 'none' });
  }
  return /\.amazonaws\.com(\.cn)?$/.test(new URL(endpoint).hostname);
};

/** @param clock that tells how long a connection was idle. @throws StoreError invalid when the endpoint is no URL */
export const s3Client = (options: ClientOptions, clock?: Pick<Runtime, 'now'>): S3Client => {
  const endpoint =
    options.endpoint ?? process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL;
  const connections = keptConnections(clock);
  const client = new S3Client({
    ...transport(connections),
    ...options,
    forcePathStyle: endpoint !== undefined && !isAws(endpoint),
    // Every batch of records carries a CRC of its own, and who reads it checks that.
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  client.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as {
        readonly protocol: string;
        readonly headers: Record<string, string>;
      };
      if (request.protocol === 'https:')
        request.headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD';
      return next(args);
    },
    { step: 'build', name: 'unsignedPayload' },
  );
  client.middlewareStack.add(forgetting(connections), BEFORE_EACH_CALL);
  return client;
};
