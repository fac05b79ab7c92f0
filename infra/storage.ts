/**
 * Where a log is kept: one table, one bucket. Their logical ids are pinned by a test, because another
 * id means another table to CloudFormation.
 */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { StratalogProps } from './props.ts';

/** DynamoDB's own default and most. */
const DEFAULT_RECOVERY_WINDOW = Duration.days(35);

/**
 * Items: heads, rows, topics, groups. What its keys mean is told in `lib/storage/aws/table.ts`.
 *
 * Not a `TableV2`: that one is a global table, which takes a key only in a stack that names its region. A log's
 * conditional updates hold in one region anyway.
 */
export const createTable = (scope: Construct, props: StratalogProps): Table => {
  const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
  const { maxOnDemandThroughput: most, warmThroughput, encryptionKey } = props;
  const table = new Table(scope, 'Table', {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    timeToLiveAttribute: 'expiresAt',
    billingMode: BillingMode.PAY_PER_REQUEST,
    ...(most?.readUnitsPerSecond !== undefined && {
      maxReadRequestUnits: most.readUnitsPerSecond,
    }),
    ...(most?.writeUnitsPerSecond !== undefined && {
      maxWriteRequestUnits: most.writeUnitsPerSecond,
    }),
    ...(warmThroughput !== undefined && { warmThroughput }),
    ...(encryptionKey !== undefined && {
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey,
    }),
    pointInTimeRecoverySpecification: {
      pointInTimeRecoveryEnabled: true,
      recoveryPeriodInDays: (props.recoveryWindow ?? DEFAULT_RECOVERY_WINDOW).toDays(),
    },
    deletionProtection: props.deletionProtection ?? removalPolicy !== RemovalPolicy.DESTROY,
    removalPolicy,
  });
  table.addGlobalSecondaryIndex({
    indexName: 'due',
    partitionKey: { name: 'duty', type: AttributeType.STRING },
    sortKey: { name: 'dueAt', type: AttributeType.NUMBER },
    projectionType: ProjectionType.KEYS_ONLY,
  });
  return table;
};

/** Objects: batches and segments, written once and never changed. */
export const createBucket = (scope: Construct, props: StratalogProps): Bucket => {
  const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
  const { encryptionKey } = props;
  const bucket = new Bucket(scope, 'Bucket', {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    ...(encryptionKey === undefined
      ? { encryption: BucketEncryption.S3_MANAGED }
      : { encryption: BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true }),
    versioned: true,
    lifecycleRules: [
      {
        id: 'forget-what-was-deleted-once-the-table-cannot-be-restored-to-it',
        noncurrentVersionExpiration: props.recoveryWindow ?? DEFAULT_RECOVERY_WINDOW,
        expiredObjectDeleteMarker: true,
      },
      { id: 'abort-uploads-left-behind', abortIncompleteMultipartUploadAfter: Duration.days(1) },
    ],
    removalPolicy,
    autoDeleteObjects: removalPolicy === RemovalPolicy.DESTROY,
  });
  denyOverwriting(bucket);
  return bucket;
};

/**
 * Refuses every write that would replace an object, whoever asks: what has no `If-None-Match` is denied. Parts
 * of an upload cannot carry the header, so only the request that makes the object must.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
 */
const denyOverwriting = (bucket: Bucket): void => {
  bucket.addToResourcePolicy(
    new PolicyStatement({
      sid: 'DenyOverwriting',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects('*')],
      conditions: {
        Null: { 's3:if-none-match': 'true' },
        Bool: { 's3:ObjectCreationOperation': 'true' },
      },
    }),
  );
};
