/** The service, as a program holds it. */
import { type Admin, adminOver } from './admin.ts';
import { type Connection, type ConnectionOptions, connect } from './connection.ts';

/**
 * One service. Nothing is sent before it is needed.
 *
 *   const log = new Stratalog({ endpoint: 'http://127.0.0.1:8080' });
 *   await log.admin().createTopic({ name: 'orders', partitions: 3 });
 *
 * Programs that count their bytes import `createAdmin`, `createProducer` or `createReader` instead, and
 * get nothing else.
 */
export class Stratalog {
  readonly #connection: Connection;

  /** @throws INVALID_CONFIG when the endpoint is no http(s) URL, or an option is not legal */
  constructor(options: ConnectionOptions) {
    this.#connection = connect(options);
  }

  /** Topics, configs, offsets, groups. */
  admin(): Admin {
    return adminOver(this.#connection);
  }
}
