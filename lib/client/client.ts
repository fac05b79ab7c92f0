/** The thin client: topics, batches in, batches out. */
import type { Runtime } from '../model/runtime.ts';
import { type Admin, adminOver } from './admin.ts';
import { connect } from './connection.ts';
import { type FetchClient, fetchClient } from './fetch.ts';
import { type ProduceClient, produceClient } from './produce.ts';

export interface ClientOptions {
  /** Where the service is, such as `http://127.0.0.1:8080`. */
  readonly endpoint: string;
  /** Clock and randomness of retries. Default: the process's own. */
  readonly runtime?: Runtime;
}

/** Errors are StratalogErrors. What is retriable and had no effect is tried up to five times. */
export type StratalogClient = Admin & ProduceClient & FetchClient;

/** @throws INVALID_CONFIG when the endpoint is no http(s) URL */
export const createClient = (options: ClientOptions): StratalogClient => {
  const connection = connect(options);
  return { ...adminOver(connection), ...produceClient(connection), ...fetchClient(connection) };
};
