/** The service, as a program holds it. */
import { type Admin, adminOver } from './admin.ts';
import { type Connection, type ConnectionOptions, connect } from './connection.ts';
import type { ProducerOptions } from './producer/options.ts';
import { type Producer, producerOver } from './producer/producer.ts';
import type { ReaderOptions } from './reader/options.ts';
import { type Reader, readerOver } from './reader/reader.ts';

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

  /**
   * Writes messages. What it takes follows from its serializers: `producer({ value: json(Order) })`
   * takes what the schema `Order` takes.
   * @throws INVALID_CONFIG naming the option that is not legal
   */
  producer<Key = string | Uint8Array, Value = string | Uint8Array>(
    options: ProducerOptions<Key, Value> = {},
  ): Producer<Key, Value> {
    return producerOver(this.#connection, options);
  }

  /**
   * Reads messages. What it gives follows from its deserializers.
   * @throws INVALID_CONFIG naming the option that is not legal
   */
  reader<Key = string, Value = string>(options: ReaderOptions<Key, Value>): Reader<Key, Value> {
    return readerOver(this.#connection, options);
  }
}
