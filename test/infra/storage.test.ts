/** The table and the bucket: what a deployed log cannot do without, and what nobody may lose. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, it } from 'vitest';
import { TABLE, TTL_ATTRIBUTE } from '../../lib/storage/aws/table.ts';
import { synthesize } from './synth.ts';

const TABLE_TYPE = 'AWS::DynamoDB::Table';
const BUCKET_TYPE = 'AWS::S3::Bucket';

const log = synthesize();
const chosen = synthesize((stack) => ({
  encryptionKey: new Key(stack, 'Key'),
  recoveryWindow: Duration.days(7),
  maxOnDemandThroughput: { readUnitsPerSecond: 2_000, writeUnitsPerSecond: 1_000 },
  warmThroughput: { readUnitsPerSecond: 15_000, writeUnitsPerSecond: 5_000 },
}));
const disposable = synthesize({ removalPolicy: RemovalPolicy.DESTROY });

describe('what holds the data', () => {
  it('keeps its logical ids, as another id is another table and another bucket', () => {
    expect(Object.keys(log.of(TABLE_TYPE))).toEqual(['LogTable81E80B89']);
    expect(Object.keys(log.of(BUCKET_TYPE))).toEqual(['LogBucketD7408CB8']);
    expect(Object.keys(chosen.of(TABLE_TYPE))).toEqual(['LogTable81E80B89']);
    expect(Object.keys(chosen.of(BUCKET_TYPE))).toEqual(['LogBucketD7408CB8']);
  });

  it('stays when the log is removed, unless it is to go', () => {
    for (const type of [TABLE_TYPE, BUCKET_TYPE]) {
      expect(log.only(type)).toMatchObject({
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
      });
      expect(disposable.only(type)).toMatchObject({
        DeletionPolicy: 'Delete',
        UpdateReplacePolicy: 'Delete',
      });
    }
    expect(disposable.propertiesOf('Custom::S3AutoDeleteObjects')).toHaveLength(1);
    expect(log.propertiesOf('Custom::S3AutoDeleteObjects')).toHaveLength(0);
  });
});

describe('the table', () => {
  const { Properties: table } = log.only(TABLE_TYPE);

  it('has the shape that the adapter expects', () => {
    const { AttributeDefinitions, ...shape } = TABLE;
    expect(table).toMatchObject(shape);
    expect(table.GlobalSecondaryIndexes).toEqual(TABLE.GlobalSecondaryIndexes);
    expect(table.AttributeDefinitions).toHaveLength(AttributeDefinitions.length);
    expect(table.AttributeDefinitions).toEqual(expect.arrayContaining([...AttributeDefinitions]));
    expect(table.TimeToLiveSpecification).toEqual({ AttributeName: TTL_ATTRIBUTE, Enabled: true });
  });

  it('can be restored to any second of 35 days, and cannot be deleted', () => {
    expect(table).toMatchObject({
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: {
        PointInTimeRecoveryEnabled: true,
        RecoveryPeriodInDays: 35,
      },
    });
    expect(disposable.only(TABLE_TYPE).Properties.DeletionProtectionEnabled).toBe(false);
  });

  it('is bounded and warm as far as asked', () => {
    expect(table).not.toHaveProperty('OnDemandThroughput');
    expect(table).not.toHaveProperty('WarmThroughput');
    expect(chosen.only(TABLE_TYPE).Properties).toMatchObject({
      OnDemandThroughput: { MaxReadRequestUnits: 2_000, MaxWriteRequestUnits: 1_000 },
      WarmThroughput: { ReadUnitsPerSecond: 15_000, WriteUnitsPerSecond: 5_000 },
      PointInTimeRecoverySpecification: { RecoveryPeriodInDays: 7 },
    });
  });

  it('is encrypted with the key given', () => {
    expect(chosen.only(TABLE_TYPE).Properties.SSESpecification).toEqual({
      SSEEnabled: true,
      SSEType: 'KMS',
      KMSMasterKeyId: { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] },
    });
  });
});

describe('the bucket', () => {
  const { Properties: bucket } = log.only(BUCKET_TYPE);

  it('is nobody’s but the owner’s', () => {
    expect(bucket.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    expect(bucket.OwnershipControls).toEqual({
      Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }],
    });
  });

  it('is encrypted: by S3, or with the key given and one data key for many objects', () => {
    const encryptionOf = (properties: typeof bucket): unknown =>
      properties.BucketEncryption.ServerSideEncryptionConfiguration;
    expect(encryptionOf(bucket)).toEqual([
      { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
    ]);
    expect(encryptionOf(chosen.only(BUCKET_TYPE).Properties)).toEqual([
      {
        BucketKeyEnabled: true,
        ServerSideEncryptionByDefault: {
          SSEAlgorithm: 'aws:kms',
          KMSMasterKeyID: { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] },
        },
      },
    ]);
  });

  it.each([
    ['by default', log, 35],
    ['as chosen', chosen, 7],
  ])('keeps what was deleted as long as the table can be restored, %s', (_when, { only }, days) => {
    const { VersioningConfiguration, LifecycleConfiguration } = only(BUCKET_TYPE).Properties;
    expect(VersioningConfiguration).toEqual({ Status: 'Enabled' });
    expect(LifecycleConfiguration.Rules).toEqual([
      {
        Id: expect.any(String),
        Status: 'Enabled',
        NoncurrentVersionExpiration: { NoncurrentDays: days },
        ExpiredObjectDeleteMarker: true,
      },
      {
        Id: expect.any(String),
        Status: 'Enabled',
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
      },
    ]);
  });

  it('takes TLS only, and no object twice', () => {
    const { Statement } = log.only('AWS::S3::BucketPolicy').Properties.PolicyDocument;
    const denied = Statement.map(({ Sid: _, Resource, ...statement }: Record<string, unknown>) => {
      expect(JSON.stringify(Resource)).toContain('LogBucketD7408CB8');
      return statement;
    });
    expect(denied).toEqual([
      {
        Effect: 'Deny',
        Action: 's3:*',
        Principal: { AWS: '*' },
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
      {
        Effect: 'Deny',
        Action: 's3:*',
        Principal: { AWS: '*' },
        Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } },
      },
      {
        Effect: 'Deny',
        Action: 's3:PutObject',
        Principal: { AWS: '*' },
        Condition: {
          Null: { 's3:if-none-match': 'true' },
          Bool: { 's3:ObjectCreationOperation': 'true' },
        },
      },
    ]);
  });
});
