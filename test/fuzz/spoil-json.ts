/**
 * JSON, spoilt as a value: other types, numbers at edges, names missing, strange or twice.
 */
import type { Chance } from './chance.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

const STRANGE: readonly Json[] = [
  ...[null, true, false, 0, -1, 1, 0.5, -0, 1e308, 2 ** 31, 2 ** 53, -(2 ** 53), 1e-320],
  ...['', ' ', '0', '-1', 'null', '../x', '%2e%2e', '__proto__', 'constructor', 'toString'],
  ...['\u0000', '\ud800', 'x'.repeat(300), 'earliest', '1e3', '9'.repeat(40)],
  ...[[], {}, [[]], [null], { base64: '!' }, { base64: 7 }, { base64: 'AA' }, [['h', 'v', 'w']]],
];

const NAMES = [
  '__proto__',
  'constructor',
  'length',
  '',
  'partition',
  'offset',
  'value',
  'x',
] as const;

/** A spoilt copy of what `JSON.parse` gave. */
export const spoiltJson = (value: unknown, chance: Chance): unknown => {
  const parts = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  if (parts.length === 0 || chance.flip(0.2)) {
    return chance.flip(0.1)
      ? nested(value, chance.pick([2, 20, 200, 3_000]))
      : chance.pick(STRANGE);
  }
  const name = chance.pick(parts);
  const copy = structuredClone(value) as Record<string, unknown>;
  switch (chance.below(5)) {
    case 0:
      if (Array.isArray(copy)) copy.splice(Number(name), 1);
      else delete copy[name];
      break;
    case 1:
      if (Array.isArray(copy)) copy.push(structuredClone(copy[Number(name)]));
      else {
        Object.defineProperty(copy, chance.pick(NAMES), {
          value: chance.pick(STRANGE),
          enumerable: true,
          configurable: true,
          writable: true,
        });
      }
      break;
    default:
      copy[name] = spoiltJson(copy[name], chance);
  }
  return copy;
};

const nested = (value: unknown, levels: number): unknown => {
  let inside = value;
  for (let level = 0; level < levels; level++) inside = [inside];
  return inside;
};
