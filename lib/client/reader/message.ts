/**
 * Record batches to messages.
 *
 * A message that cannot be read does not take those before it with it: they are handed out first.
 */
import { asStratalogError, StratalogError } from '../../model/errors.ts';
import { decodeBatch } from '../../record/decode.ts';
import type { LogRecord } from '../../record/record.ts';
import { type MessageHeaders, messageHeaders } from '../headers.ts';
import type { Deserializer } from '../serde.ts';

export interface Message<Key = string, Value = string> {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** ms since the Unix epoch; −1: none. */
  readonly timestamp: number;
  readonly key: Key | null;
  /** `null` is a tombstone where the topic is compacted. */
  readonly value: Value | null;
  readonly headers: MessageHeaders;
}

/** A message as it is written. */
export type RawMessage = Message<Uint8Array, Uint8Array>;

/** How records become messages. */
export interface MessageReading<Key, Value> {
  readonly topic: string;
  readonly key: Deserializer<Key>;
  readonly value: Deserializer<Value>;
  readonly onInvalid?: ((error: StratalogError, message: RawMessage) => void) | undefined;
}

/** Messages up to one that could not be read. */
export interface ReadMessages<Key, Value> {
  readonly messages: readonly Message<Key, Value>[];
  readonly failure?: StratalogError;
}

/** The records of a batch from offset `from` to before `end`. @throws what makes the batch unreadable, naming it */
export const recordsOf = (
  topic: string,
  partition: number,
  batch: Uint8Array,
  from: number,
  end: number,
): readonly LogRecord[] => {
  try {
    const { header, records } = decodeBatch(batch);
    if (header.isControl) return [];
    const lastOffset = header.baseOffset + header.lastOffsetDelta;
    if (header.baseOffset >= from && lastOffset < end) return records;
    return records.filter(({ offset }) => offset >= from && offset < end);
  } catch (caught) {
    const { code, message, context } = asStratalogError(caught);
    throw new StratalogError(
      code,
      `Partition ${partition} of ${topic} cannot be read from offset ${from} on. ${message}`,
      { context: { topic, partition, offset: from, ...context }, cause: caught },
    );
  }
};

const invalid = (
  caught: unknown,
  { topic, partition, offset }: { topic: string; partition: number; offset: number },
): StratalogError => {
  const { code, message, context } =
    caught instanceof StratalogError
      ? caught
      : new StratalogError('INVALID_RECORD', `Its deserializer says: ${String(caught)}`);
  return new StratalogError(
    code,
    `The message at offset ${offset} of partition ${partition} of ${topic} cannot be read. ${message}`,
    { context: { ...context, topic, partition, offset }, cause: caught },
  );
};

/** The messages of these records; a promise where a deserializer answers one. */
export const messagesOf = <Key, Value>(
  partition: number,
  records: readonly LogRecord[],
  reading: MessageReading<Key, Value>,
): ReadMessages<Key, Value> | Promise<ReadMessages<Key, Value>> => {
  const { topic, key: keySerde, value: valueSerde } = reading;
  const keyContext = { topic, part: 'key' } as const;
  const valueContext = { topic, part: 'value' } as const;
  const outcomes: (Message<Key, Value> | Promise<Message<Key, Value>> | Failed)[] = [];
  let isAsync = false;
  for (const record of records) {
    const { offset, timestamp } = record;
    const headers = messageHeaders(record.headers);
    const messageWith = (key: Key | null, value: Value | null): Message<Key, Value> => ({
      topic,
      partition,
      offset,
      timestamp,
      key,
      value,
      headers,
    });
    try {
      const key = record.key === null ? null : keySerde.deserialize(record.key, keyContext);
      const value =
        record.value === null ? null : valueSerde.deserialize(record.value, valueContext);
      if (key instanceof Promise || value instanceof Promise) {
        isAsync = true;
        outcomes.push(Promise.all([key, value]).then((both) => messageWith(...both)));
      } else outcomes.push(messageWith(key, value));
    } catch (caught) {
      outcomes.push(new Failed(caught));
      if (reading.onInvalid === undefined) break;
    }
  }
  return isAsync
    ? Promise.allSettled(outcomes).then((settled) =>
        collect(
          partition,
          records,
          reading,
          settled.map((each) =>
            each.status === 'fulfilled' ? each.value : new Failed(each.reason),
          ),
        ),
      )
    : collect(partition, records, reading, outcomes as (Message<Key, Value> | Failed)[]);
};

/** What a serde threw. */
class Failed {
  readonly caught: unknown;
  constructor(caught: unknown) {
    this.caught = caught;
  }
}

const collect = <Key, Value>(
  partition: number,
  records: readonly LogRecord[],
  { topic, onInvalid }: MessageReading<Key, Value>,
  outcomes: readonly (Message<Key, Value> | Failed)[],
): ReadMessages<Key, Value> => {
  const messages: Message<Key, Value>[] = [];
  for (const [i, outcome] of outcomes.entries()) {
    if (!(outcome instanceof Failed)) {
      messages.push(outcome);
      continue;
    }
    const { offset, timestamp, key, value, headers } = records[i]!;
    const failure = invalid(outcome.caught, { topic, partition, offset });
    if (onInvalid === undefined) return { messages, failure };
    const place = { topic, partition, offset, timestamp };
    onInvalid(failure, { ...place, key, value, headers: messageHeaders(headers) });
  }
  return { messages };
};
