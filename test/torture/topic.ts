/** Where a run takes place: a port that nobody takes meanwhile, and a topic. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Runtime } from '../../lib/model/runtime.ts';
import type { Field } from './field.ts';

/**
 * Below those that systems give to connections on their own: a client that asks for a port where nobody
 * listens just then might be given that very port, and talk to itself.
 */
const FIRST_PORT = 20_000;
const PORTS = 10_000;
const ATTEMPTS = 20;

/** @throws Error when none of many is free */
export const freePort = async (runtime: Runtime): Promise<number> => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = FIRST_PORT + (Buffer.from(runtime.randomBytes(4)).readUInt32LE() % PORTS);
    const server = createServer();
    server.listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
      return port;
    } catch {
      // Taken.
    } finally {
      server.close();
    }
  }
  throw new Error(`none of ${ATTEMPTS} ports from ${FIRST_PORT} on is free`);
};

/** @throws Error with the answer when it was not made */
export const createTopic = async ({ url, topic: name, partitions }: Field): Promise<void> => {
  const response = await fetch(`${url}/topics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, partitions }),
  });
  if (!response.ok) throw new Error(`the topic was not created: ${await response.text()}`);
};
