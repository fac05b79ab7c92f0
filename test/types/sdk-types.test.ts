/** What the SDK's types say: what a producer takes and a reader gives follows from their serdes. */
import { type } from 'arktype';
import * as v from 'valibot';
import { expectTypeOf, it } from 'vitest';
import * as z from 'zod';
import {
  bytes,
  json,
  type Message,
  type MessageHeaders,
  type Producer,
  type Reader,
  type RecordMetadata,
  type Serde,
  Stratalog,
  string,
} from '../../lib/index.ts';

const log = new Stratalog({ endpoint: 'http://127.0.0.1:1' });

/** A number in, a number with a default, a date out of a text. */
const zodOrder = z.object({
  id: z.number(),
  count: z.number().default(1),
  at: z.string().transform((text) => new Date(text)),
});
const valibotOrder = v.object({ id: v.number(), count: v.optional(v.number(), 1) });
const arkOrder = type({ id: 'number', count: 'number = 1' });

type ValueIn<P> = P extends Producer<infer _Key, infer Value> ? Value : never;
type ValueOut<R> = R extends Reader<infer _Key, infer Value> ? Value : never;

it('takes and gives text unless told otherwise', () => {
  const producer = log.producer();
  expectTypeOf(producer).toEqualTypeOf<Producer<string | Uint8Array, string | Uint8Array>>();
  const reader = log.reader({ topic: 't' });
  expectTypeOf(reader).toEqualTypeOf<Reader<string, string>>();
  expectTypeOf(producer.send).returns.resolves.toEqualTypeOf<readonly RecordMetadata[]>();
  // @ts-expect-error a number is no text
  () => producer.send({ topic: 't', messages: [{ value: 7 }] });
  // @ts-expect-error a message has a value, which may be null
  () => producer.send({ topic: 't', messages: [{ key: 'a' }] });
  // @ts-expect-error a header is no number
  () => producer.send({ topic: 't', messages: [{ value: 'x', headers: { a: 1 } }] });
});

it('follows zod: its input is written, its output is read', () => {
  const serde = json(zodOrder);
  expectTypeOf<ValueIn<ReturnType<typeof produce>>>().toEqualTypeOf<z.input<typeof zodOrder>>();
  expectTypeOf<ValueOut<ReturnType<typeof read>>>().toEqualTypeOf<z.output<typeof zodOrder>>();
  const produce = () => log.producer({ value: serde });
  const read = () => log.reader({ topic: 't', value: serde });
  expectTypeOf<z.output<typeof zodOrder>['at']>().toEqualTypeOf<Date>();
  () => produce().send({ topic: 't', messages: [{ value: { id: 1, at: '2026-01-01' } }] });
  // @ts-expect-error no id
  () => produce().send({ topic: 't', messages: [{ value: { at: '2026-01-01' } }] });
});

it('follows valibot', () => {
  const serde = json(valibotOrder);
  expectTypeOf(serde).toEqualTypeOf<
    Serde<{ id: number; count: number }, { id: number; count?: number | undefined }>
  >();
});

it('follows arktype', () => {
  const serde = json(arkOrder);
  type Out = typeof serde extends Serde<infer Output, infer _Input> ? Output : never;
  expectTypeOf<Out>().toEqualTypeOf<{ id: number; count: number }>();
  const producer = log.producer({ value: serde });
  () => producer.send({ topic: 't', messages: [{ value: { id: 1 } }] });
  // @ts-expect-error a text is no number
  () => producer.send({ topic: 't', messages: [{ value: { id: '1' } }] });
});

it('takes a type on trust where there is no schema', () => {
  expectTypeOf(json()).toEqualTypeOf<Serde<unknown>>();
  expectTypeOf(json<{ a: 1 }>()).toEqualTypeOf<Serde<{ a: 1 }>>();
});

it('gives messages with null for no key and for tombstones', () => {
  const reader = log.reader({ topic: 't', key: bytes, value: json(valibotOrder) });
  type Read = typeof reader extends AsyncIterable<infer Each> ? Each : never;
  expectTypeOf<Read>().toEqualTypeOf<Message<Uint8Array, { id: number; count: number }>>();
  expectTypeOf<Read['key']>().toEqualTypeOf<Uint8Array | null>();
  expectTypeOf<Read['value']>().toEqualTypeOf<{ id: number; count: number } | null>();
  expectTypeOf<Read['headers']>().toEqualTypeOf<MessageHeaders>();
  expectTypeOf(string).toEqualTypeOf<Serde<string, string | Uint8Array>>();
});
