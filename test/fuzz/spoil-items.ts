/**
 * Items, spoilt: what a fault of the store, a stray write or a newer release may leave in one.
 */
import { decodeEntry, type EntryFacts, encodeEntry } from '../../lib/log/entry.ts';
import type { Item, Value } from '../../lib/storage/algebra.ts';
import { type Chance, chanceOf } from './chance.ts';
import { spoilt } from './spoil.ts';
import type { Contents } from './world.ts';

/** Told as numbers, so that it can be kept in a file: which item, which attribute, how, by which dice. */
export interface Spoil {
  readonly item: number;
  readonly attribute: string;
  readonly how: keyof typeof WAYS | 'lost' | 'exchanged';
  readonly dice: number;
}

const NUMBERS = [
  -1,
  0,
  1,
  1.5,
  2 ** 31,
  2 ** 53,
  -(2 ** 53),
  Infinity,
  -Infinity,
  Number.NaN,
  1e308,
];
const STRANGERS: readonly Value[] = [
  '',
  'x',
  '7',
  true,
  [],
  {},
  [7],
  ['x'],
  { x: 'y' },
  new Uint8Array(3),
  // Which no adapter writes, and every store has.
  null as unknown as Value,
];

const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value);

const isMap = (value: Value | undefined): value is { readonly [name: string]: Value } =>
  typeof value === 'object' && value !== null && !isList(value) && !(value instanceof Uint8Array);

const isEntry = (bytes: Uint8Array): boolean => {
  try {
    return decodeEntry(bytes).sizeBytes > 0;
  } catch {
    return false;
  }
};

/** What an entry says, changed, and written as an entry again. */
const changedEntry = (bytes: Uint8Array, chance: Chance): Uint8Array => {
  const entry = decodeEntry(bytes);
  const { place } = entry;
  const facts: EntryFacts = {
    ...entry,
    place:
      'inline' in place
        ? { nonce: new Uint8Array(8), batches: [place.inline] }
        : { objectId: place.objectId, position: place.position },
  };
  const other = chance.pick([0, 1, 2, 70, 2 ** 32 - 1, chance.below(5_000)]);
  switch (chance.below(5)) {
    case 0:
      // What lies in the entry itself is reserved by the encoder.
      return encodeEntry({ ...facts, sizeBytes: 'nonce' in facts.place ? other % 5_000 : other });
    case 1:
      return encodeEntry({ ...facts, recordCount: other });
    case 2:
      return 'nonce' in facts.place
        ? encodeEntry({
            ...facts,
            place: { ...facts.place, batches: [spoilt(facts.place.batches[0]!, chance)] },
          })
        : encodeEntry({ ...facts, place: { ...facts.place, position: other } });
    case 3:
      return 'nonce' in facts.place
        ? encodeEntry({ ...facts, place: { objectId: chance.bytes(14), position: 0 } })
        : encodeEntry({ ...facts, place: { ...facts.place, objectId: chance.bytes(14) } });
    default:
      return encodeEntry({
        ...facts,
        producer: { id: other, epoch: 2 ** 32 - 1, firstSequence: other },
      });
  }
};

/** How an attribute's value is spoilt; undefined: it is not there any more. */
const WAYS = {
  removed: () => undefined,
  stranger: (_value, chance) => chance.pick(STRANGERS),
  number: (_value, chance) => chance.pick(NUMBERS),
  near: (value, chance) =>
    typeof value === 'number' ? value + chance.pick([-18, -2, -1, 1, 2, 18]) : chance.pick(NUMBERS),
  element: (value, chance) => {
    if (!isList(value) || value.length === 0) return chance.pick(STRANGERS);
    const at = chance.below(value.length);
    const element = value[at]!;
    switch (chance.below(5)) {
      case 0:
        return value.toSpliced(at, 1);
      case 1:
        return value.toSpliced(at, 0, element);
      case 2:
        return value.with(at, chance.pick(STRANGERS));
      case 3:
        return element instanceof Uint8Array ? value.with(at, spoilt(element, chance)) : value;
      default:
        return element instanceof Uint8Array && isEntry(element)
          ? value.with(at, changedEntry(element, chance))
          : value;
    }
  },
  member: (value, chance) => {
    if (!isMap(value)) return {};
    const name = chance.pick([...Object.keys(value), 'x', '-1', '9007199254740993']);
    return { ...value, [name]: chance.pick([...NUMBERS, ...STRANGERS]) };
  },
} as const satisfies Record<
  string,
  (value: Value | undefined, chance: Chance) => Value | undefined
>;

const HOWS = Object.keys(WAYS) as (keyof typeof WAYS)[];

/** Ways that are about what is inside a value. */
const INSIDE: Readonly<Partial<Record<Spoil['how'], (value: Value | undefined) => boolean>>> = {
  element: isList,
  member: isMap,
};

/** Spoils one of `items`, but for what its key says. */
export const anySpoil = (items: readonly Item[], chance: Chance): Spoil => {
  const item = chance.below(items.length);
  const names = Object.keys(items[item]!).filter((name) => name !== 'pk' && name !== 'sk');
  const how = chance.flip(0.05) ? chance.pick(['lost', 'exchanged'] as const) : chance.pick(HOWS);
  // One attribute in many is a list of entries, and there most can go wrong.
  const fit = names.filter((name) => INSIDE[how]?.(items[item]![name]));
  const attribute = chance.pick(fit.length > 0 ? fit : names);
  return { item, attribute, how, dice: chance.below(2 ** 31) };
};

/** `now`, which may be spoilt already, with an item of `whole` spoilt in it. */
export const withSpoil = (now: Contents, spoil: Spoil, whole: Contents): Contents => {
  const { attribute, how, dice } = spoil;
  const { pk, sk } = whole.items[spoil.item]!;
  const at = now.items.findIndex((item) => item.pk === pk && item.sk === sk);
  const item = now.items[at];
  if (item === undefined) return now;
  const chance = chanceOf(dice, 0);
  if (how === 'lost') return { ...now, items: now.items.toSpliced(at, 1) };
  if (how === 'exchanged') {
    const alike = whole.items.filter((one) => one.sk.slice(0, 4) === sk.slice(0, 4));
    return { ...now, items: now.items.with(at, { ...chance.pick(alike), pk, sk }) };
  }
  const { [attribute]: value, ...rest } = item as Readonly<Record<string, Value>>;
  const changed = WAYS[how](value, chance);
  const next = { ...rest, ...(changed === undefined ? {} : { [attribute]: changed }) } as Item;
  return { ...now, items: now.items.with(at, next) };
};
