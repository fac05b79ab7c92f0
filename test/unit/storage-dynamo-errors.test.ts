/** What DynamoDB, its SDK and the network say, as StoreErrors that say what to do. */
import { describe, expect, it } from 'vitest';
import { dynamoFailure } from '../../lib/storage/aws/dynamo-errors.ts';
import type { StoreError } from '../../lib/storage/ports.ts';

type Expected = readonly [StoreError['reason'], StoreError['effect'], RegExp];

const TABLE: Readonly<Record<string, Expected>> = {
  ProvisionedThroughputExceededException: ['throttled', 'none', /orders/],
  ThrottlingException: ['throttled', 'none', /orders/],
  RequestLimitExceeded: ['throttled', 'none', /orders/],
  AccessDeniedException: ['denied', 'none', /role.*permission.*STRATALOG_TABLE/],
  UnrecognizedClientException: ['denied', 'none', /AWS_PROFILE/],
  InvalidSignatureException: ['denied', 'none', /AWS_SECRET_ACCESS_KEY/],
  MissingAuthenticationTokenException: ['denied', 'none', /AWS_PROFILE/],
  CredentialsProviderError: ['denied', 'none', /AWS_PROFILE/],
  ExpiredTokenException: ['denied', 'none', /expired.*aws sso login/],
  ResourceNotFoundException: ['invalid', 'none', /STRATALOG_TABLE.*AWS_REGION/],
  ValidationException: ['invalid', 'none', /orders/],
  SerializationException: ['invalid', 'none', /orders/],
  UnknownOperationException: ['invalid', 'none', /AWS_ENDPOINT_URL_DYNAMODB/],
  ItemCollectionSizeLimitExceededException: ['invalid', 'none', /STRATALOG_TABLE/],
  TransactionConflictException: ['unavailable', 'none', /orders/],
  ReplicatedWriteConflictException: ['unavailable', 'none', /orders/],
  InternalServerError: ['unavailable', 'unknown', /orders/],
  ServiceUnavailable: ['unavailable', 'unknown', /orders/],
  TimeoutError: ['timeout', 'unknown', /orders/],
};

const named = (name: string, httpStatusCode = 400): Error =>
  Object.assign(new Error(`said of orders`), { name, $metadata: { httpStatusCode } });

/** An error of Node's, as its sockets and resolvers throw them. */
const ofNode = (code: string, syscall: string): Error =>
  Object.assign(new Error(`${syscall} ${code}`), { code, syscall });

const facts = ({ reason, effect }: StoreError) => [reason, effect];

describe('errors of DynamoDB', () => {
  it.each(Object.entries(TABLE))('%s', (name, [reason, effect, says]) => {
    const error = dynamoFailure(named(name), 'Could not update in the table orders');
    expect(facts(error)).toEqual([reason, effect]);
    expect(error.message).toMatch(/^Could not update in the table orders: /);
    expect(error.message).toContain(name);
    expect(error.message).toMatch(says);
    expect(error.cause).toBeInstanceOf(Error);
  });

  it('goes by the status of what has no name here', () => {
    expect(facts(dynamoFailure(named('NewException', 503), 'x'))).toEqual([
      'unavailable',
      'unknown',
    ]);
    expect(facts(dynamoFailure(named('NewException', 429), 'x'))).toEqual(['throttled', 'none']);
    expect(facts(dynamoFailure(named('NewException', 418), 'x'))).toEqual(['invalid', 'none']);
    expect(facts(dynamoFailure(new Error('odd'), 'x'))).toEqual(['unavailable', 'unknown']);
  });

  it.each([
    ['ECONNREFUSED', 'connect', 'none'],
    ['ENOTFOUND', 'getaddrinfo', 'none'],
    ['EAI_AGAIN', 'getaddrinfo', 'none'],
    ['EHOSTUNREACH', 'connect', 'none'],
    ['ECONNRESET', 'read', 'unknown'],
    ['EPIPE', 'write', 'unknown'],
    // The network went while the request was on its way.
    ['EHOSTUNREACH', 'read', 'unknown'],
    ['ENETUNREACH', 'write', 'unknown'],
  ])('%s of %s', (code, syscall, effect) => {
    expect(facts(dynamoFailure(ofNode(code, syscall), 'x'))).toEqual(['unavailable', effect]);
  });

  it('takes the region for missing when the SDK does', () => {
    const error = dynamoFailure(new Error('Region is missing'), 'x');
    expect(facts(error)).toEqual(['invalid', 'none']);
    expect(error.message).toContain('AWS_REGION');
  });
});
