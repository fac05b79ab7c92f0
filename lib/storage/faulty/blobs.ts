/**
 * Any `BlobStore`, with faults (`fault.ts`).
 */
import type { Runtime } from '../../model/runtime.ts';
import { BlobExists, BlobMissing, type BlobStore } from '../ports.ts';
import type { BlobCall, Fault, FaultPlan } from './fault.ts';
import { type FaultyStore, makeInjector } from './inject.ts';

export const faultyBlobs = (
  store: BlobStore,
  plan: FaultPlan,
  runtime: Runtime,
): BlobStore & FaultyStore => {
  const injector = makeInjector(plan, runtime);
  const call = (verb: BlobCall['verb'], keys: readonly string[], sizeBytes?: number): BlobCall => ({
    port: 'blobs',
    verb,
    n: injector.next(),
    keys,
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
  });

  return {
    faults: injector.faults,
    settle: injector.settle,
    put: (key, buffers) =>
      injector.run({
        call: call(
          'put',
          [key],
          buffers.reduce((sum, { length }) => sum + length, 0),
        ),
        apply: () => store.put(key, buffers),
        again: () => {
          const copy = buffers.map((buffer) => new Uint8Array(buffer));
          return () => store.put(key, copy);
        },
        denied: () => new BlobExists(key),
      }),
    get: (key, range) =>
      injector.run({
        call: call('get', [key]),
        apply: () => store.get(key, range),
        twisted: (fault, bytes) => damaged(key, fault, bytes),
      }),
    list: (prefix, options) =>
      injector.run({ call: call('list', [prefix]), apply: () => store.list(prefix, options) }),
    delete: (keys) =>
      injector.run({
        call: call('delete', keys),
        apply: () => store.delete(keys),
        again: () => {
          const copy = [...keys];
          return () => store.delete(copy);
        },
      }),
  };
};

const damaged = (key: string, fault: Fault | undefined, bytes: Uint8Array): Uint8Array => {
  if (fault?.kind !== 'damage') return bytes;
  if (fault.how === 'missing') throw new BlobMissing(key);
  const position = Math.floor(fault.at * bytes.length);
  if (fault.how === 'truncate') return bytes.slice(0, position);
  const flipped = bytes.slice();
  if (position < flipped.length) flipped[position] = flipped[position]! ^ 0x10;
  return flipped;
};
