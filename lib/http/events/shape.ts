/**
 * What the shapes of events have in common. Each shape has a file of its own beside this one, which says
 * what such an event looks like and what it is answered.
 */
import * as z from 'zod';
import { StratalogError } from '../../model/errors.ts';

/** A request in no particular shape. */
export interface Incoming {
  readonly method: string;
  readonly path: string;
  /** Percent-encoded, without the question mark. */
  readonly query: string;
  readonly headers: Headers;
  readonly body: Body | undefined;
  /** What was authorised, where the event tells it. */
  readonly authorized?: Authorized;
  readonly origin: Origin;
}

/** A body as it lies in an event. */
export interface Body {
  readonly text: string;
  readonly isBase64: boolean;
}

/** The route that a gateway chose, and for which it asked IAM. */
export interface Authorized {
  readonly method: string;
  /** As it is declared there: `/topics/{topic}/records`. */
  readonly template: string;
  readonly parameters: Readonly<Record<string, string | undefined>> | undefined;
}

/** Where a request came from. */
export interface Origin {
  readonly via: 'http-api' | 'function-url' | 'rest-api' | 'invoke';
  /** The gateway's id of the request, which its access log has; the function's own id is another. */
  readonly gatewayRequestId?: string | undefined;
  /** Whom IAM let in. Absent where the event does not tell, as an Invoke payload never does. */
  readonly caller?: Caller | undefined;
}

/** An identity of IAM. */
export interface Caller {
  /** `arn:aws:sts::123456789012:assumed-role/orders-writer/session` */
  readonly userArn: string | undefined;
  readonly accountId: string | undefined;
  /** IAM's unique id of the principal, and of a role the session's name: `AROA…:session`. */
  readonly callerId: string | undefined;
}

/** One kind of event. */
export interface Shape {
  matches(event: Readonly<Record<string, unknown>>): boolean;
  /** @throws INVALID_REQUEST when it only looks like one */
  read(event: unknown): Incoming;
  answer(
    status: number,
    headers: Record<string, string>,
    body: string,
    isBase64Encoded: boolean,
  ): unknown;
}

/** Headers by name, each once. */
export const headerValues = z.record(z.string(), z.string().optional());

/** @throws INVALID_REQUEST for a header that HTTP does not have */
export const headersOf = (values: Readonly<Record<string, string | undefined>> = {}): Headers => {
  const headers = new Headers();
  for (const [name, value] of Object.entries(values)) {
    try {
      if (value !== undefined) headers.set(name, value);
    } catch {
      throw new StratalogError(
        'INVALID_REQUEST',
        `The header ${JSON.stringify(name)} is not legal in HTTP.`,
      );
    }
  }
  return headers;
};

/** What a gateway answers with, by either of its payloads. */
export const gatewayAnswer: Shape['answer'] = (statusCode, headers, body, isBase64Encoded) => ({
  statusCode,
  headers,
  body,
  isBase64Encoded,
});
