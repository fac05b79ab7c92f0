/** dynalite: DynamoDB in this process, small enough for every run of the tests. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { Cannot } from '../contract/engine.ts';

/** It has no types. */
const dynalite: (options: { readonly createTableMs: number }) => Server = createRequire(
  import.meta.url,
)('dynalite');

export interface Dynalite {
  readonly endpoint: string;
  close(): Promise<void>;
}

export const startDynalite = async (): Promise<Dynalite> => {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a port was asked for');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
};

/** What of the contract it cannot do. */
export const DYNALITE_CANNOT: readonly Cannot[] = [
  {
    reason: 'compares text by UTF-16 code units, in conditions (it sorts keys by bytes)',
    tests: ['compares text by its UTF-8 bytes'],
  },
  {
    reason: 'takes empty text and empty bytes for what has no size',
    tests: ['measures empty text and empty bytes'],
  },
  {
    reason: 'evaluates the second operand of if_not_exists only when it is needed',
    tests: ['changes: copyIfAbsent of what is absent, not needed'],
  },
];
