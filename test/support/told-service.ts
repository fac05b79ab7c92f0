/** A service for producers that answers as it is told, under a clock of our own. */
import { connectionOver } from '../../lib/client/connection.ts';
import { errorOfTransport } from '../../lib/client/failures.ts';
import { producerOver } from '../../lib/client/producer/producer.ts';
import type { Answer, Exchange, Transport } from '../../lib/client/transport.ts';
import { problemOf } from '../../lib/http/problem.ts';
import type { ProducerOptions } from '../../lib/index.ts';
import { type ErrorCode, StratalogError } from '../../lib/model/errors.ts';
import { splitBatches } from '../../lib/record/batches.ts';
import { decodeBatch } from '../../lib/record/decode.ts';
import { decodeFrames } from '../../lib/record/frames.ts';
import { virtualRuntime } from './virtual-runtime.ts';

/** One batch as it arrived. */
export interface Arrival {
  readonly atMs: number;
  readonly partition: number;
  readonly producerId: number;
  readonly sequence: number;
  readonly values: readonly string[];
}

/** What becomes of one share: written at this offset, a problem, or for all of the request a lost answer. */
export type Fate = number | ErrorCode | 'lost';

const json = (status: number, body: unknown): Answer => ({
  status,
  contentType: 'application/json',
  body: Buffer.from(JSON.stringify(body)),
  asked: { method: 'POST', path: '/topics/t/records' },
});

const LOST = errorOfTransport(new Error('reset'), 'http://x', true);

/** What becomes of a request that is no produce request; undefined: it is answered. */
type Elsewhere = (exchange: Exchange) => Promise<Answer> | undefined;

/** Topics of three partitions whose produce requests meet what `fateOf` says of each share. */
export const toldService = (
  fateOf: (arrival: Arrival, number: number) => Fate,
  answerMs = 0,
  elsewhere: Elsewhere = () => undefined,
) => {
  const runtime = virtualRuntime(1);
  const arrivals: Arrival[] = [];
  let identities = 0;
  const append = (body: Uint8Array): Answer => {
    const partitions = decodeFrames(body).map(({ partition, batches }) => {
      const { header, records } = decodeBatch(splitBatches(batches).batches[0]!);
      const { producerId, baseSequence: sequence } = header;
      const values = records.map(({ value }) => Buffer.from(value!).toString());
      const arrival = { atMs: runtime.monotonicMs(), partition, producerId, sequence, values };
      const fate = fateOf(arrival, arrivals.length);
      arrivals.push(arrival);
      if (fate === 'lost') throw LOST;
      return typeof fate === 'number'
        ? { partition, baseOffsets: [fate], logStartOffset: 0, logAppendTime: -1 }
        : { partition, error: problemOf(new StratalogError(fate, 'no')) };
    });
    return json(200, { partitions });
  };
  const transport: Transport = async (exchange) => {
    const { method, path, body } = exchange;
    const other = elsewhere(exchange);
    if (other !== undefined) return other;
    if (path === '/producers') return json(201, { producerId: identities++, producerEpoch: 0 });
    if (method === 'GET') return json(200, { partitions: [{}, {}, {}], configs: [] });
    if (answerMs > 0) await runtime.sleep(answerMs);
    return append(body as Uint8Array);
  };
  const producer = (options: ProducerOptions = {}) =>
    producerOver(connectionOver(transport, { runtime }), options);
  return { runtime, arrivals, producer };
};
