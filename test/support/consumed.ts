/**
 * What calls of a DynamoDB client consume, as the service counts it.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

export interface Consumed {
  calls: number;
  writeUnits: number;
  readUnits: number;
  /** Writes whose condition did not hold: their units are not told. */
  refused: number;
}

interface Capacity {
  readonly CapacityUnits?: number;
}

/** Counts from now on. */
export const countConsumed = (client: DynamoDBClient): Consumed => {
  const consumed: Consumed = { calls: 0, writeUnits: 0, readUnits: 0, refused: 0 };
  client.middlewareStack.add(
    (next, context) => async (args) => {
      consumed.calls++;
      const input = { ...args.input, ReturnConsumedCapacity: 'TOTAL' };
      try {
        const result = await next({ ...args, input });
        const { ConsumedCapacity } = result.output as unknown as {
          readonly ConsumedCapacity?: Capacity | readonly Capacity[];
        };
        const units = [ConsumedCapacity ?? []]
          .flat()
          .reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
        const isWrite = /^(Put|Update|Delete)Item/.test(context.commandName ?? '');
        consumed[isWrite ? 'writeUnits' : 'readUnits'] += units;
        return result;
      } catch (error) {
        if ((error as Error).name === 'ConditionalCheckFailedException') consumed.refused++;
        throw error;
      }
    },
    { step: 'initialize', name: 'countConsumed' },
  );
  return consumed;
};
