/**
 * The whole service in one process.
 *
 *   stores (a directory, or memory) → broker → functions → HTTP on the loopback interface
 *
 * What is started in this order is stopped in the other: no new requests, what is under way is
 * finished, what it wrote is flushed, the stores are closed.
 */
import { provideBroker } from '../../functions/runtime.ts';
import { createBroker } from '../broker/broker.ts';
import { MAX_FETCH_WAIT_MS } from '../model/limits.ts';
import { type Runtime, systemRuntime } from '../model/runtime.ts';
import { serveHttp } from './http-server.ts';
import { installNativeCrc } from './native-crc.ts';
import { type FsyncMode, openStores } from './stores.ts';

export type { FsyncMode };

/** Only this machine may connect: there is no authentication. */
const HOST = '127.0.0.1';

export interface LocalOptions {
  /** 0 takes a free one. */
  readonly httpPort: number;
  /** Absent: in memory. */
  readonly dataDir?: string;
  /** Default `interval`. */
  readonly fsync?: FsyncMode;
  /** Web pages that may use the service, such as `http://localhost:5173`. Default: its own only. */
  readonly allowedOrigins?: readonly string[];
  /** Default: the process's own. */
  readonly runtime?: Runtime;
}

export interface LocalStack {
  readonly url: string;
  readonly port: number;
  /** Drains and closes; resolves when everything is on disk. */
  close(): Promise<void>;
}

/**
 * Starts the service; one per process at a time.
 * @throws DATA_DIRECTORY_LOCKED, INVALID_CONFIG when the port cannot be had
 */
export const startLocal = async ({
  httpPort,
  dataDir,
  fsync = 'interval',
  allowedOrigins = [],
  runtime = systemRuntime,
}: LocalOptions): Promise<LocalStack> => {
  installNativeCrc();
  const stores = await openStores(dataDir, fsync, runtime);
  const broker = createBroker({ ...stores, runtime });
  let takeBack = () => {};
  const closeStores = async () => {
    takeBack();
    await broker.close();
    await stores.close();
  };
  try {
    takeBack = provideBroker({ broker, runtime, maxFetchWaitMs: MAX_FETCH_WAIT_MS });
    const http = await serveHttp({
      port: httpPort,
      host: HOST,
      runtime,
      allowedOrigins: new Set(allowedOrigins),
    });
    return {
      url: `http://${HOST}:${http.port}`,
      port: http.port,
      close: async () => {
        await http.close();
        await closeStores();
      },
    };
  } catch (error) {
    await closeStores();
    throw error;
  }
};
