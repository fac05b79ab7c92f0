/** A table of its own on any endpoint that speaks DynamoDB, and the adapter over it. */
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { type ClientOptions, dynamoClient } from '../../lib/storage/aws/clients.ts';
import { dynamoItems } from '../../lib/storage/aws/dynamo-items.ts';
import { TABLE } from '../../lib/storage/aws/table.ts';
import type { ItemStore } from '../../lib/storage/ports.ts';

/** Emulators take any; they keep the tables of each region apart. */
const ANYBODY: ClientOptions = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'anybody', secretAccessKey: 'anything' },
};

export interface DynamoTable {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly items: ItemStore;
  close(): void;
}

/** Makes a table with a new name. Who asks: what `options` say; else anybody, or without an endpoint what the environment says. */
export const newDynamoTable = async (options: ClientOptions): Promise<DynamoTable> => {
  const who = { ...(options.endpoint === undefined ? {} : ANYBODY), ...options };
  const client = dynamoClient(who);
  const table = `stratalog-test-${systemRuntime.uuid()}`;
  // Ours is in a hurry, and an engine that has just started is slow.
  const patient = new DynamoDBClient(who);
  await patient.send(new CreateTableCommand({ ...structuredClone(TABLE), TableName: table }));
  await waitUntilTableExists(
    { client: patient, maxWaitTime: 60, minDelay: 1 },
    { TableName: table },
  );
  patient.destroy();
  return {
    client,
    table,
    items: dynamoItems({ client, table, runtime: systemRuntime }),
    close: () => client.destroy(),
  };
};
