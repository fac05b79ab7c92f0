/** What is told of a route beyond the table: in words, by schema and by example. */
import type { z } from 'zod';
import type { ErrorCode } from '../../model/errors.ts';

/** Groups of routes, in the order they are shown. */
export const TAGS = {
  Topics: 'Create, describe, change and delete topics.',
  Records: 'Append, read and delete records.',
  Offsets: 'Where logs begin and end, and what consumer groups have read.',
  Service: 'The installation itself.',
} as const;

/** A body of one media type: JSON with its schema, or bytes. */
export type Content =
  | { readonly schema: z.ZodType; readonly example: unknown }
  | { readonly format: 'binary' | 'text' };

/** A header of an answer. */
export interface Header {
  readonly description: string;
  readonly example: string | number;
}

export interface Operation {
  readonly tag: keyof typeof TAGS;
  readonly summary: string;
  readonly description: string;
  readonly query?: z.ZodObject;
  /** Values of the query that make sense together. */
  readonly queryExample?: Readonly<Record<string, string>>;
  readonly request?: {
    readonly required: boolean;
    readonly content: Readonly<Record<string, Content>>;
  };
  readonly answer: {
    readonly status: 200 | 201 | 204;
    readonly description: string;
    readonly content?: Readonly<Record<string, Content>>;
    readonly headers?: Readonly<Record<string, Header>>;
  };
  /** What it may fail with besides what every route may; statuses follow from the codes. */
  readonly errors: readonly ErrorCode[];
}
