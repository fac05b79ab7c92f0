/**
 * Objects: WAL objects as a bad disk, a stray copy or a stray deletion leave them.
 *
 * Each record is read as it was written, or the error names the object; what lies elsewhere is read. An object
 * in another's place is told by the producer and sequence of its batches.
 */
import assert from 'node:assert/strict';
import { createBroker } from '../../../lib/broker/broker.ts';
import { decodeEntry } from '../../../lib/log/entry.ts';
import { walKey } from '../../../lib/log/wal.ts';
import { virtualRuntime } from '../../support/virtual-runtime.ts';
import { type Chance, chanceOf } from '../chance.ts';
import { PARTITIONS, readThrough } from '../readers.ts';
import { smallerList } from '../smaller.ts';
import { spoilt } from '../spoil.ts';
import type { Target } from '../target.ts';
import { type Contents, contents, storesWith } from '../world.ts';

const HOWS = ['damaged', 'damaged', 'cut', 'lost', 'exchanged', 'zeroed', 'longer'] as const;

interface Harm {
  readonly object: number;
  readonly how: (typeof HOWS)[number];
  readonly dice: number;
}

interface Input {
  readonly harms: readonly Harm[];
  readonly from: number;
  readonly maxBytes: number;
}

/** There are as many in the installation; `run` makes sure. */
const OBJECTS = 11;

const inputOf = (chance: Chance): Input => ({
  harms: Array.from({ length: chance.between(1, 3) }, () => ({
    object: chance.below(OBJECTS),
    how: chance.pick(HOWS),
    dice: chance.below(2 ** 31),
  })),
  from: chance.pick([2, 3, 10, 30, 45]),
  maxBytes: chance.pick([1, 300, 2_500, 1_000_000]),
});

const harmed = ({ items, objects }: Contents, { object, how, dice }: Harm): Contents => {
  const chance = chanceOf(dice, 0);
  const at = objects.findIndex(([key]) => key === NAMES[object]);
  if (at < 0) return { items, objects };
  const [key, bytes] = objects[at]!;
  const put = (changed: Uint8Array): Contents => ({
    items,
    objects: objects.with(at, [key, changed]),
  });
  switch (how) {
    case 'damaged':
      return put(spoilt(bytes, chance));
    case 'cut':
      return put(bytes.subarray(0, chance.below(bytes.length)));
    case 'lost':
      return { items, objects: objects.toSpliced(at, 1) };
    case 'exchanged':
      return put(chance.pick(objects)[1]);
    case 'zeroed': {
      const from = chance.below(bytes.length);
      return put(new Uint8Array(bytes).fill(0, from, from + chance.between(1, 512)));
    }
    case 'longer':
      return put(Buffer.concat([bytes, chance.bytes(chance.between(1, 50))]));
  }
};

/** Keys of the objects, in order. */
const NAMES: readonly string[] = (await contents()).objects.map(([key]) => key);

/** The objects that a partition's entries lie in. */
const objectsOf = ({ items }: Contents, topicIndex: number): ReadonlySet<string> => {
  const heads = items.filter(({ sk }) => sk === 'HEAD');
  const { pk } = heads[[0, 1, 3][topicIndex]!]!;
  const lists = items
    .filter((item) => item.pk === pk)
    .flatMap(({ tail, entries }) => [tail, entries]);
  const keys = lists.flatMap((list) =>
    ((list ?? []) as readonly Uint8Array[]).flatMap((entry) => {
      const { place } = decodeEntry(entry);
      return 'inline' in place ? [] : walKey(place.objectId);
    }),
  );
  return new Set(keys);
};

const run = async ({ harms, from, maxBytes }: Input): Promise<string> => {
  const whole = await contents();
  assert.equal(whole.objects.length, OBJECTS);
  const spoiltKeys = new Set(harms.map(({ object }) => NAMES[object]!));
  const stores = await storesWith(harms.reduce(harmed, whole));
  const runtime = virtualRuntime(1);
  const outcomes = await runtime.drive(async () => {
    const broker = createBroker({ ...stores, runtime });
    const told: string[] = [];
    for (const [at, partition] of PARTITIONS.entries()) {
      const begin = Math.min(from, partition[2].length);
      const error = await readThrough(broker, partition, begin, false, { maxBytes });
      const concerned = [...objectsOf(whole, at)].filter((key) => spoiltKeys.has(key));
      if (error !== undefined) {
        assert.equal(error.code, 'CORRUPT_STORE', error.message);
        assert(
          concerned.some((key) => error.message.includes(key)),
          `it names none: ${error.message}`,
        );
      }
      told.push(error?.code ?? 'read');
    }
    return told;
  });
  return outcomes.join(' ');
};

/** Harm done to objects, under reads from several offsets and of several sizes. */
export const objects: Target<Input> = {
  allowed: [],
  make: inputOf,
  run,
  *smaller(input) {
    for (const harms of smallerList(input.harms)) yield { ...input, harms };
  },
};
