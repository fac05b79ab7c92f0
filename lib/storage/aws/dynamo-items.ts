/**
 * Items in DynamoDB: one table, one item a key.
 *
 *   get        GetItem          strong, unless asked otherwise
 *   getMany    BatchGetItem     100 keys a call, each once; what comes back unprocessed is asked for again
 *   query      Query            page by page
 *   due        Query of an index, which has the keys and is kept up to date a little later; then as getMany
 *   put, update, delete         one conditional call each: expressions.ts
 *
 * A read that fails quickly is tried again here, as that changes nothing. A write is sent once, and the
 * protocols find out what became of it; the client therefore has no retries of its own (`clients.ts`).
 */
import {
  BatchGetItemCommand,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DYNAMODB_READ_PATIENCE_MS,
  DYNAMODB_TIMEOUT_MS,
  MAX_GET_MANY,
  MAX_ITEM_BYTES,
} from '../../model/limits.ts';
import type { Runtime } from '../../model/runtime.ts';
import type { Item, ItemKey } from '../algebra.ts';
import { compareStrings } from '../interpret.ts';
import { inParallel } from '../parallel.ts';
import { backoffMs, retrying } from '../patience.ts';
import { ConditionFailed, type ItemStore, StoreError } from '../ports.ts';
import { itemSizeBytes } from '../size.ts';
import { requireSoundUpdate, requireSoundWrite } from '../sound.ts';
import { asRefusal, dynamoFailure } from './dynamo-errors.ts';
import { compile } from './expressions.ts';
import { inTime } from './in-time.ts';
import { DUE_INDEX, KEY } from './table.ts';
import { type Attributes, toAttributes, toItem } from './values.ts';

const BATCHES_IN_FLIGHT = 8;

/** Which table, and how it is reached. */
export interface DynamoOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly runtime: Runtime;
}

type WriteVerb = 'put' | 'update' | 'delete';

const keyAttributes = ({ pk, sk }: ItemKey): Attributes => ({ pk: { S: pk }, sk: { S: sk } });

/** One text for each key, whatever is in it. */
const nameOf = (pk: string, sk: string): string => `${pk.length} ${pk}${sk}`;

/** The client has no retries of its own: `clients.ts`. Nothing is asked yet. */
export const dynamoItems = ({ client, table, runtime }: DynamoOptions): ItemStore => {
  const TableName = table;

  const where = async (): Promise<string> => {
    const region = await client.config.region().catch(() => 'no region');
    return `table ${table} (${region})`;
  };

  /** One call. What it throws is a StoreError, or a refusal by a condition as DynamoDB tells it. */
  const call = async <T>(verb: string, send: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    try {
      return await inTime(runtime, DYNAMODB_TIMEOUT_MS, `To ${verb} in the table ${table}`, send);
    } catch (error) {
      if (asRefusal(error) !== undefined) throw error;
      throw dynamoFailure(error, `Could not ${verb} in the ${await where()}`);
    }
  };

  const read = async <T>(verb: string, send: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const giveUpMs = runtime.monotonicMs() + DYNAMODB_READ_PATIENCE_MS;
    try {
      return await retrying(runtime, giveUpMs, () => call(verb, send));
    } catch (error) {
      throw error instanceof StoreError ? withEffect(error, 'none') : error;
    }
  };

  const get: ItemStore['get'] = async (key, { consistent = true } = {}) => {
    const Key = keyAttributes(key);
    const { Item } = await read('get an item', (abortSignal) =>
      client.send(new GetItemCommand({ TableName, Key, ConsistentRead: consistent }), {
        abortSignal,
      }),
    );
    return Item === undefined ? undefined : toItem(Item);
  };

  /** Reads up to `MAX_GET_MANY` keys and hands over each item there is. */
  const getBatch = async (
    keys: readonly Attributes[],
    consistent: boolean,
    found: (item: Item) => void,
  ): Promise<void> => {
    let left = [...keys];
    let giveUpMs = runtime.monotonicMs() + DYNAMODB_READ_PATIENCE_MS;
    for (let attempt = 0; ; attempt++) {
      const RequestItems = { [table]: { Keys: left, ConsistentRead: consistent } };
      const { Responses = {}, UnprocessedKeys = {} } = await read('get items', (abortSignal) =>
        client.send(new BatchGetItemCommand({ RequestItems }), { abortSignal }),
      );
      // By the only name there is: a table given by its ARN is answered by either.
      const items = Object.values(Responses).flat();
      for (const item of items) found(toItem(item));
      left = Object.values(UnprocessedKeys).flatMap(({ Keys = [] }) => Keys);
      if (left.length === 0) return;
      const nowMs = runtime.monotonicMs();
      if (items.length > 0) {
        attempt = 0;
        giveUpMs = nowMs + DYNAMODB_READ_PATIENCE_MS;
      } else if (nowMs >= giveUpMs) {
        const message = `Could not get items in the ${await where()}: it is at its limit`;
        throw new StoreError('throttled', message, { effect: 'none' });
      }
      await runtime.sleep(backoffMs(attempt, runtime));
    }
  };

  const getMany: ItemStore['getMany'] = async (keys, { consistent = true } = {}) => {
    const wanted = new Map(keys.map(({ pk, sk }) => [nameOf(pk, sk), { pk, sk }]));
    const all = [...wanted.values()].map(keyAttributes);
    const batches = Array.from({ length: Math.ceil(all.length / MAX_GET_MANY) }, (_, index) =>
      all.slice(index * MAX_GET_MANY, (index + 1) * MAX_GET_MANY),
    );
    const items = new Map<string, Item>();
    await inParallel(batches, BATCHES_IN_FLIGHT, (batch) =>
      getBatch(batch, consistent, (item) => items.set(nameOf(item.pk, item.sk), item)),
    );
    return keys.map(({ pk, sk }) => items.get(nameOf(pk, sk)));
  };

  /** The pages of a query. `wanted`: how many more items, asked before each. */
  const pages = async function* (
    verb: string,
    input: Omit<QueryCommandInput, 'TableName'>,
    wanted: () => number,
  ): AsyncGenerator<readonly Attributes[]> {
    let after: Attributes | undefined;
    do {
      const limit = wanted();
      if (limit <= 0) return;
      const page: QueryCommandInput = { ...input, TableName };
      if (Number.isFinite(limit)) page.Limit = limit;
      if (after !== undefined) page.ExclusiveStartKey = after;
      const { Items = [], LastEvaluatedKey } = await read(verb, (abortSignal) =>
        client.send(new QueryCommand(page), { abortSignal }),
      );
      yield Items;
      after = LastEvaluatedKey;
    } while (after !== undefined);
  };

  /** What was seen to tell the item when it refuses: without one, there is none. */
  const telling = new Set<WriteVerb>();

  const refusal = async (
    key: ItemKey,
    verb: WriteVerb,
    told: Attributes | undefined,
  ): Promise<ConditionFailed> => {
    if (told?.[KEY.partition] !== undefined) {
      telling.add(verb);
      return new ConditionFailed(key, toItem(told));
    }
    if (telling.has(verb)) return new ConditionFailed(key, undefined);
    try {
      return new ConditionFailed(key, await get(key));
    } catch (error) {
      // Of this evaluation nothing came; of a hidden copy before it something may have.
      throw error instanceof StoreError ? withEffect(error, 'unknown') : error;
    }
  };

  const write = async <T>(
    key: ItemKey,
    verb: WriteVerb,
    send: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    try {
      return await call(verb, send);
    } catch (error) {
      const refused = asRefusal(error);
      throw refused === undefined ? error : await refusal(key, verb, refused.item);
    }
  };

  return {
    get,

    getMany,

    async query(pk, from, to, { limit = Infinity, reverse = false, consistent = true } = {}) {
      // DynamoDB refuses an empty range, and an empty key.
      if (pk === '' || to === '' || compareStrings(from, to) > 0) return [];
      const range = from === '' ? '#sk <= :to' : '#sk BETWEEN :from AND :to';
      const input = {
        KeyConditionExpression: `#pk = :pk AND ${range}`,
        ExpressionAttributeNames: { '#pk': KEY.partition, '#sk': KEY.sort },
        ExpressionAttributeValues: {
          ':pk': { S: pk },
          ':to': { S: to },
          ...(from === '' ? {} : { ':from': { S: from } }),
        },
        ConsistentRead: consistent,
        ScanIndexForward: !reverse,
      };
      const items: Item[] = [];
      for await (const page of pages('query', input, () => limit - items.length)) {
        for (const item of page) items.push(toItem(item));
      }
      return items;
    },

    async due(duty, before, { limit = Infinity } = {}) {
      const lastMs = Math.floor(Math.min(before, Number.MAX_SAFE_INTEGER));
      const input = {
        IndexName: DUE_INDEX.name,
        KeyConditionExpression: '#duty = :duty AND #dueAt <= :before',
        ExpressionAttributeNames: { '#duty': DUE_INDEX.partition, '#dueAt': DUE_INDEX.sort },
        ExpressionAttributeValues: { ':duty': { S: duty }, ':before': { N: String(lastMs) } },
      };
      const items: (Item & { readonly dueAt: number })[] = [];
      for await (const page of pages('list what is due', input, () => limit - items.length)) {
        for (const item of await getMany(page.map(toItem))) {
          // The index may be behind: it has changed, or is gone.
          if (item?.duty === duty && isDue(item, lastMs)) items.push(item);
        }
      }
      return items.toSorted((left, right) => left.dueAt - right.dueAt);
    },

    async put(item, conditions) {
      requireSoundWrite(item, conditions);
      const bytes = itemSizeBytes(item);
      if (bytes > MAX_ITEM_BYTES) {
        const message = `the item ${item.pk} / ${item.sk} has ${bytes} bytes, over ${MAX_ITEM_BYTES}`;
        throw new StoreError('invalid', message, { effect: 'none' });
      }
      const command = new PutItemCommand({
        TableName,
        Item: toAttributes(item, 'item'),
        ...compile(conditions),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      await write(item, 'put', (abortSignal) => client.send(command, { abortSignal }));
    },

    async update(key, update) {
      requireSoundUpdate(key, update);
      const command = new UpdateItemCommand({
        TableName,
        Key: keyAttributes(key),
        ...compile(update.if, update.change),
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      const { Attributes } = await write(key, 'update', (abortSignal) =>
        client.send(command, { abortSignal }),
      );
      // There is none to tell where removals alone met no item.
      return Attributes === undefined ? { pk: key.pk, sk: key.sk } : toItem(Attributes);
    },

    async delete(key, conditions) {
      requireSoundWrite(key, conditions);
      const command = new DeleteItemCommand({
        TableName,
        Key: keyAttributes(key),
        ...compile(conditions),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      await write(key, 'delete', (abortSignal) => client.send(command, { abortSignal }));
    },
  };
};

const isDue = (item: Item, lastMs: number): item is Item & { readonly dueAt: number } =>
  typeof item.dueAt === 'number' && item.dueAt <= lastMs;

const withEffect = (error: StoreError, effect: StoreError['effect']): StoreError =>
  error.effect === effect
    ? error
    : new StoreError(error.reason, error.message, { effect, cause: error });
