/**
 * Keys and values as programs have them, and as bytes.
 *
 *   producer   input ─▶ serialize ─▶ bytes        reader   bytes ─▶ deserialize ─▶ output
 *
 * `null` is no key, or a tombstone, and never reaches a serde. With a schema what is written is the
 * input as JSON, once the schema has accepted it; a reader puts it through the schema again and hands
 * out the output, so that defaults and transformations are those of who reads.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { encodeUtf8, strictUtf8 } from '../bytes/utf8.ts';
import { StratalogError } from '../model/errors.ts';

/** What the bytes are of; it goes into errors. */
export interface SerdeContext {
  readonly topic: string;
  readonly part: 'key' | 'value';
}

export interface Serializer<Input> {
  /** @throws INVALID_RECORD for what it does not take */
  readonly serialize: (data: Input, context: SerdeContext) => Uint8Array | Promise<Uint8Array>;
}

export interface Deserializer<Output> {
  /** @throws INVALID_RECORD for bytes that it cannot read */
  readonly deserialize: (bytes: Uint8Array, context: SerdeContext) => Output | Promise<Output>;
}

/** Both directions. What is read may be of another type than what is written. */
export interface Serde<Output, Input = Output> extends Serializer<Input>, Deserializer<Output> {}

/** INVALID_RECORD about a key or a value; `problem` completes “The value for orders …”. */
export const invalid = (
  { topic, part }: SerdeContext,
  problem: string,
  context: Readonly<Record<string, string>> = {},
  cause?: unknown,
): StratalogError =>
  new StratalogError('INVALID_RECORD', `The ${part} for ${topic} ${problem}`, {
    context: { topic, part, ...context },
    cause,
  });

/** Bytes as they are; a reader's are views of what it fetched. */
export const bytes: Serde<Uint8Array> = {
  serialize: (data, context) => {
    if (data instanceof Uint8Array) return data;
    throw invalid(context, `is ${kindOf(data)}; the serde \`bytes\` takes a Uint8Array.`);
  },
  deserialize: (data) => data,
};

/** UTF-8. Writes bytes too, as they are; refuses to read what is no UTF-8. The default. */
export const string: Serde<string, string | Uint8Array> = {
  serialize: (data, context) => {
    if (data instanceof Uint8Array) return data;
    if (typeof data !== 'string') {
      throw invalid(
        context,
        `is ${kindOf(data)}; the default serde takes a string or a Uint8Array. For objects there is json().`,
      );
    }
    if (data.isWellFormed()) return encodeUtf8(data);
    throw invalid(context, 'has half of a surrogate pair, which has no UTF-8. Send it as bytes.');
  },
  deserialize: (data, context) => {
    const text = strictUtf8(data);
    if (text !== undefined) return text;
    throw invalid(context, 'is not UTF-8. Read it with the serde `bytes`.');
  },
};

const kindOf = (data: unknown): string =>
  data === undefined ? 'undefined' : `of type ${Array.isArray(data) ? 'array' : typeof data}`;

/** `items[2].price` */
const pathText = (path: StandardSchemaV1.Issue['path'] = []): string =>
  path
    .map((segment) => (typeof segment === 'object' ? segment.key : segment))
    .reduce<string>(
      (text, key) =>
        typeof key === 'number'
          ? `${text}[${key}]`
          : text === ''
            ? String(key)
            : `${text}.${String(key)}`,
      '',
    );

const outputOf = <T>(result: StandardSchemaV1.Result<T>, context: SerdeContext): T => {
  if (result.issues === undefined) return result.value;
  const [issue] = result.issues;
  const path = pathText(issue?.path);
  const more = result.issues.length > 1 ? ` (and ${result.issues.length - 1} more)` : '';
  const where = path === '' ? '' : ` at ${path}`;
  throw invalid(context, `is not valid${where}: ${issue?.message ?? 'no reason given'}${more}.`, {
    path,
  });
};

const stringify = (data: unknown, context: SerdeContext): Uint8Array => {
  let text: string | undefined;
  try {
    text = JSON.stringify(data);
  } catch (cause) {
    throw invalid(context, `has no JSON: ${String(cause)}.`, {}, cause);
  }
  if (text === undefined) throw invalid(context, `is ${kindOf(data)}, which has no JSON.`);
  return encodeUtf8(text);
};

const parse = (data: Uint8Array, context: SerdeContext): unknown => {
  const text = strictUtf8(data);
  if (text === undefined) throw invalid(context, 'is not UTF-8, and so no JSON.');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(
      context,
      `is not JSON: ${cause instanceof Error ? cause.message : cause}.`,
      {},
      cause,
    );
  }
};

/** JSON, of a type that is taken on trust. */
export function json<T = unknown>(): Serde<T>;
/** JSON that a Standard Schema (zod, valibot, arktype, …) accepts, when it is written and when it is read. */
export function json<S extends StandardSchemaV1>(
  schema: S,
): Serde<StandardSchemaV1.InferOutput<S>, StandardSchemaV1.InferInput<S>>;
export function json(schema?: StandardSchemaV1): Serde<unknown> {
  if (schema === undefined) return { serialize: stringify, deserialize: parse };
  const { validate } = schema['~standard'];
  const accepted = <T>(data: unknown, context: SerdeContext, then: (output: unknown) => T) => {
    const result = validate(data);
    return result instanceof Promise
      ? result.then((settled) => then(outputOf(settled, context)))
      : then(outputOf(result, context));
  };
  return {
    serialize: (data, context) => accepted(data, context, () => stringify(data, context)),
    deserialize: (data, context) => accepted(parse(data, context), context, (output) => output),
  };
}
