/** The thin client: topics, batches in, batches out. The SDK's producer and consumer grow from it. */
import { type Runtime, systemRuntime } from '../model/runtime.ts';
import { type FetchClient, fetchClient } from './fetch.ts';
import { type ProduceClient, produceClient } from './produce.ts';
import { type TopicsClient, topicsClient } from './topics.ts';
import { httpTransport } from './transport.ts';

export interface ClientOptions {
  /** Where the service is, such as `http://127.0.0.1:8080`. */
  readonly endpoint: string;
  /** Clock and randomness of retries. Default: the process's own. */
  readonly runtime?: Runtime;
}

/** Errors are StratalogErrors. What is retriable and had no effect is tried up to five times. */
export type StratalogClient = TopicsClient & ProduceClient & FetchClient;

/** @throws INVALID_CONFIG when the endpoint is no http(s) URL */
export const createClient = ({
  endpoint,
  runtime = systemRuntime,
}: ClientOptions): StratalogClient => {
  const transport = httpTransport(endpoint);
  return {
    ...topicsClient(transport, runtime),
    ...produceClient(transport, runtime),
    ...fetchClient(transport, runtime),
  };
};
