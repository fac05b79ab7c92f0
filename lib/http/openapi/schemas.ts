/**
 * The schemas as JSON Schema: each body is a component, named for its route, and what several share has
 * a name of its own. Requests are described as they are sent, answers as they are given.
 */
import * as z from 'zod';
import { problemSchema } from '../schemas/problem.ts';
import { bytesInput, bytesOutput, recordInput, recordOutput } from '../schemas/record.ts';
import { topicDescription } from '../schemas/topic.ts';

/** JSON Schema, of any shape. */
export type JsonSchema = Record<string, unknown>;

/** Collects schemas under names and turns them into components all at once. */
export interface Components {
  /** A reference to `schema`, which gets the name `id` unless it has one. */
  refer(io: 'input' | 'output', schema: z.ZodType, id: string): JsonSchema;
  /** A reference to an example that several share. */
  example(name: string, value: unknown): JsonSchema;
  /** All that was referred to, and what that refers to. */
  schemas(): Record<string, JsonSchema>;
  examples(): Record<string, JsonSchema>;
}

const refOf = (id: string): string => `#/components/schemas/${id}`;

/**
 * Without what zod says twice: a number in a query is text with a pattern to it, and a time has a format
 * besides a pattern that tells more exactly what is taken.
 */
const tidiedInput = ({ jsonSchema }: { jsonSchema: JsonSchema }): void => {
  if (jsonSchema.type === 'integer') delete jsonSchema.pattern;
  if (jsonSchema.format === 'date-time') delete jsonSchema.format;
};

/** Without the bounds that every number has. */
const tidiedOutput = ({ jsonSchema }: { jsonSchema: JsonSchema }): void => {
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
};

const OPTIONS = {
  input: { io: 'input', unrepresentable: 'any', override: tidiedInput },
  output: { io: 'output', unrepresentable: 'any', override: tidiedOutput },
} as const;

/** None so far but what is shared. */
export const components = (): Components => {
  const registries = {
    input: z
      .registry<{ id: string }>()
      .add(recordInput, { id: 'RecordToAppend' })
      .add(bytesInput, { id: 'BytesToAppend' }),
    output: z
      .registry<{ id: string }>()
      .add(problemSchema, { id: 'Problem' })
      .add(topicDescription, { id: 'Topic' })
      .add(recordOutput, { id: 'Record' })
      .add(bytesOutput, { id: 'Bytes' }),
  };
  const examples: Record<string, JsonSchema> = {};
  return {
    example: (name, value) => {
      examples[name] = { value };
      return { $ref: `#/components/examples/${name}` };
    },
    examples: () => examples,
    refer: (io, schema, id) => {
      const registry = registries[io];
      if (!registry.has(schema)) registry.add(schema, { id });
      return { $ref: refOf(registry.get(schema)!.id) };
    },
    schemas: () => {
      const all: Record<string, JsonSchema> = {};
      for (const io of ['input', 'output'] as const) {
        const { schemas } = z.toJSONSchema(registries[io], { ...OPTIONS[io], uri: refOf });
        for (const [id, { $schema: _, $id: __, ...schema }] of Object.entries(schemas)) {
          all[id] = schema;
        }
      }
      return all;
    },
  };
};

/** What a query has as text is a number to readers, where the schema is not for text. */
const numeric = ({ type }: JsonSchema, text: string): string | number =>
  type !== 'string' && /^\d+$/.test(text) ? Number(text) : text;

/** The parameters of a query, in the order of the schema. */
export const parametersOf = (
  query: z.ZodObject,
  example: Readonly<Record<string, string>>,
): readonly JsonSchema[] => {
  const { properties = {}, required = [] } = z.toJSONSchema(query, OPTIONS.input);
  return Object.entries(properties as Record<string, JsonSchema>).map(
    ([name, { description, ...schema }]) => ({
      name,
      in: 'query',
      required: required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema,
      ...(example[name] === undefined ? {} : { example: numeric(schema, example[name]) }),
    }),
  );
};
