/** Keys and values to bytes and back, with schemas of three libraries. */
import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { messageHeaders, recordHeaders } from '../../lib/client/headers.ts';
import { bytes, json, string } from '../../lib/client/serde.ts';

const context = { topic: 'orders', part: 'value' } as const;
const utf8 = (text: string) => new TextEncoder().encode(text);
const refusal = (message: RegExp, facts: object = {}) =>
  expect.objectContaining({
    code: 'INVALID_RECORD',
    effect: 'none',
    message: expect.stringMatching(message),
    context: expect.objectContaining({ topic: 'orders', part: 'value', ...facts }),
  });

describe.each([
  ['zod', json(z.object({ id: z.number(), tags: z.array(z.string()).default([]) }))],
  ['valibot', json(v.object({ id: v.number(), tags: v.optional(v.array(v.string()), []) }))],
  ['arktype', json(type({ id: 'number', tags: type('string[]').default(() => []) }))],
] as const)('json(%s)', (_name, schema) => {
  it('writes what it accepts as it was given, and reads its output', async () => {
    const written = await schema.serialize({ id: 1 }, context);
    expect(Buffer.from(written).toString()).toBe('{"id":1}');
    expect(await schema.deserialize(written, context)).toEqual({ id: 1, tags: [] });
  });

  it('names what is not valid by its path', () => {
    const bad = { id: 1, tags: ['a', 7] } as unknown as { id: number };
    expect(() => schema.serialize(bad, context)).toThrow(
      refusal(/^The value for orders is not valid at tags\[1\]: /, { path: 'tags[1]' }),
    );
    expect(() => schema.deserialize(utf8('{"tags":[]}'), context)).toThrow(
      refusal(/not valid at id: /, { path: 'id' }),
    );
    expect(() => schema.deserialize(utf8('{'), context)).toThrow(refusal(/is not JSON: /));
  });
});

it('waits for a schema that takes its time', async () => {
  const slow = json(
    z
      .object({ id: z.number() })
      .refine(async ({ id }) => id > 0, { error: 'too small', path: ['id'] }),
  );
  expect(await slow.deserialize(await slow.serialize({ id: 1 }, context), context)).toEqual({
    id: 1,
  });
  await expect(slow.serialize({ id: 0 }, context)).rejects.toEqual(refusal(/at id: too small\./));
});

describe('without a schema', () => {
  it.each([null, 1, 'a', [1, { b: 2 }], { a: null }])('gives back %j', async (value) => {
    expect(await json().deserialize(await json().serialize(value, context), context)).toEqual(
      value,
    );
  });
  it.each([undefined, () => 1, 10n])('refuses what has no JSON: %s', (value) => {
    expect(() => json().serialize(value, context)).toThrow(refusal(/has no JSON/));
  });
});

it('keeps text as it is, a byte order mark too', async () => {
  for (const text of ['', 'a', 'ü€𝄞', '\ufeffx', '\ufffd', 'x'.repeat(10_000), '€'.repeat(5_000)]) {
    const written = await string.serialize(text, context);
    expect(Buffer.from(written).toString()).toBe(text);
    expect(await string.deserialize(written, context)).toBe(text);
  }
  expect(() => string.serialize('\ud800', context)).toThrow(refusal(/surrogate/));
  expect(() => bytes.serialize('x' as unknown as Uint8Array, context)).toThrow(
    refusal(/Uint8Array/),
  );
});

it('reads headers back as they were given', () => {
  const headers = {
    one: '1',
    many: ['2', null, '3'],
    blob: Uint8Array.of(255, 0),
    none: null,
    ['__proto__']: 'own',
  };
  const back = messageHeaders(recordHeaders('t', { ...headers, absent: undefined }));
  expect(Object.entries(back)).toEqual(Object.entries(headers));
  expect(recordHeaders('t', undefined)).toEqual([]);
});
