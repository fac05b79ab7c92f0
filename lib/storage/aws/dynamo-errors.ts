/**
 * What DynamoDB says of a table or an item, as StoreErrors. What any service says: `service-errors.ts`.
 *
 * One answer is no failure but a fact, and `dynamo-items.ts` asks for it by name: a condition does not hold.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { StoreError } from '../ports.ts';
import { type FailureTable, refused, storeErrorOf } from './service-errors.ts';

/** A transaction of somebody else's has the item; the log itself makes none. */
const IN_CONFLICT = refused('unavailable');

const DYNAMO_FAILURES: FailureTable = {
  ResourceNotFoundException: refused(
    'invalid',
    'Set STRATALOG_TABLE to the name of the table that the stack made (an output of it) and AWS_REGION to the region of the stack: is it another one, or another account?',
  ),
  AccessDeniedException: refused(
    'denied',
    "Give the role that calls (in Lambda, the function's) the permission that is named here on the table and its index, and kms:Decrypt for a KMS key; look for a policy that denies it. Is STRATALOG_TABLE the stack's table?",
  ),
  ValidationException: refused('invalid'),
  SerializationException: refused('invalid'),
  UnknownOperationException: refused(
    'invalid',
    'Whatever answers at this endpoint is not DynamoDB: check AWS_ENDPOINT_URL_DYNAMODB and AWS_ENDPOINT_URL.',
  ),
  // Of tables with a local index; this one has none, so it is not the stack's.
  ItemCollectionSizeLimitExceededException: refused(
    'invalid',
    'Set STRATALOG_TABLE to a table that the stack made.',
  ),
  TransactionConflictException: IN_CONFLICT,
  ReplicatedWriteConflictException: IN_CONFLICT,
};

/** Whether a write was refused by a condition, and the item as it was then, if this endpoint tells it. */
export const asRefusal = (
  error: unknown,
): { readonly item: Record<string, AttributeValue> | undefined } | undefined => {
  const { name, Item } = error as {
    readonly name?: unknown;
    readonly Item?: Record<string, AttributeValue>;
  };
  return name === 'ConditionalCheckFailedException' ? { item: Item } : undefined;
};

/** @param what could not be done where, the beginning of a sentence that goes on after a colon */
export const dynamoFailure = (error: unknown, what: string): StoreError =>
  storeErrorOf(error, what, DYNAMO_FAILURES);
