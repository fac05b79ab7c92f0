/** A call of one request that answers JSON: sent again while that is worth it and does no harm. */
import { topicName } from '../model/ids.ts';
import type { Connection } from './connection.ts';
import { withRetries } from './retry.ts';
import { type Exchange, expectJson } from './transport.ts';

/** What every call of the admin takes. */
export interface CallOptions {
  /** Gives up: the call rejects with CANCELLED, whose effect tells whether it may have happened. */
  readonly signal?: AbortSignal;
}

interface Call extends Pick<Exchange, 'method' | 'path' | 'changes'> {
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** A field of every good answer: what has none comes from another API. */
  readonly gives?: string;
}

/**
 * The path of a topic.
 * @throws INVALID_TOPIC_EXCEPTION here, because on its way a name such as `..` becomes another path
 */
export const topicPath = (name: string): string => `/topics/${topicName(name)}`;

const queryText = (query: Call['query'] = {}): string => {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return parameters.size === 0 ? '' : `?${parameters}`;
};

/** The JSON of the answer. @throws what the service, or the way to it, says */
export const callJson = <T>(
  { exchange, requestTimeoutMs, ...connection }: Connection,
  { method, path, query, json, gives, ...rest }: Call,
  { signal }: CallOptions = {},
): Promise<T> =>
  withRetries(
    async () =>
      expectJson<T>(
        await exchange({
          method,
          path: `${path}${queryText(query)}`,
          timeoutMs: requestTimeoutMs,
          ...rest,
          ...(json === undefined
            ? {}
            : { body: JSON.stringify(json), contentType: 'application/json' }),
          ...(signal === undefined ? {} : { signal }),
        }),
        rest.changes ?? method !== 'GET',
        gives,
      ),
    connection,
    signal,
  );
