/**
 * A process that writes into a data directory and tells each acknowledgement, until it is killed or the
 * store stops: `node embedded-writer.ts <data directory> <fsync>`.
 *
 * Write n puts an object that is made of n, then names it in the item of its lane.
 */
import { systemRuntime } from '../../lib/model/runtime.ts';
import { append } from '../../lib/storage/algebra.ts';
import { type FsyncMode, openEmbedded } from '../../lib/storage/embedded/open.ts';
import { StoreError } from '../../lib/storage/ports.ts';
import { LANES, laneKey, objectBytes, objectKey } from './embedded-history.ts';

const [dataDir, fsync] = process.argv.slice(2) as [string, FsyncMode];
const { items, blobs } = await openEmbedded({
  dataDir,
  fsync,
  runtime: systemRuntime,
  volumeBytes: 300_000,
  intervalMs: 30,
});
process.stdout.write('open\n');

const lane = async (number: number): Promise<void> => {
  for (let n = number; ; n += LANES) {
    await blobs.put(objectKey(n), [objectBytes(n)]);
    await items.update(laneKey(number), { change: [append('named', [n])] });
    process.stdout.write(`${n}\n`);
  }
};

try {
  await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
} catch (error) {
  process.stdout.write(`${error instanceof StoreError ? error.reason : String(error)}\n`);
  process.exit(0);
}
