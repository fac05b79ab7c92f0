/**
 * Attributes as they are read: one that is not of its type is told by its name, and never believed.
 *
 * Items lie in a store for years, and not only this code can write there. A type is checked once, where an
 * item is read; all behind it trusts what it is given.
 */
import { StratalogError } from '../model/errors.ts';
import type { Item, ItemKey, Value } from './algebra.ts';

/** CORRUPT_STORE, naming the item. `problem` completes “The item … is damaged: …”. */
export const damaged = ({ pk, sk }: ItemKey, problem: string): StratalogError =>
  new StratalogError('CORRUPT_STORE', `The item ${pk} ${sk} is damaged: ${problem}.`, {
    context: { pk, sk },
  });

const not = (item: Item, name: string, what: string): StratalogError => {
  const value = item[name];
  const shown = typeof value === 'number' ? value : value === undefined ? 'missing' : typeof value;
  return damaged(item, `its attribute "${name}" is ${shown}, and must be ${what}`);
};

const isWholeNumber = (value: Value | undefined, least: number): value is number =>
  typeof value === 'number' && value >= least && Number.isSafeInteger(value);

const isBinary = (value: Value): value is Uint8Array => value instanceof Uint8Array;

const isMap = (value: Value | undefined): value is { readonly [name: string]: Value } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isBinary(value);

/** @throws CORRUPT_STORE, as all of these do */
export const wholeNumber = (item: Item, name: string, least = 0): number => {
  const value = item[name];
  if (!isWholeNumber(value, least)) throw not(item, name, `a whole number from ${least}`);
  return value;
};

/** One that may be missing: then it is 0. */
export const wholeNumberOrZero = (item: Item | undefined, name: string): number =>
  item?.[name] === undefined ? 0 : wholeNumber(item, name);

/** Text, also none. @throws CORRUPT_STORE */
export const text = (item: Item, name: string): string => {
  const value = item[name];
  if (typeof value !== 'string') throw not(item, name, 'text');
  return value;
};

/** Text that is not empty. */
export const name = (item: Item, attribute: string): string => {
  const value = text(item, attribute);
  if (value === '') throw not(item, attribute, 'a name');
  return value;
};

/** A list of binaries, also an empty one. @throws CORRUPT_STORE */
export const binaries = (item: Item, name: string): readonly Uint8Array[] => {
  const value = item[name];
  if (!Array.isArray(value) || !value.every(isBinary)) throw not(item, name, 'a list of binaries');
  return value;
};

/** Whole numbers from 0 by name. */
export const wholeNumbers = (item: Item, name: string): Readonly<Record<string, number>> => {
  const value = item[name];
  if (!isMap(value) || !Object.values(value).every((one) => isWholeNumber(one, 0))) {
    throw not(item, name, 'a map of whole numbers from 0');
  }
  return value as Readonly<Record<string, number>>;
};

/** Texts by name. */
export const texts = (item: Item, name: string): Readonly<Record<string, string>> => {
  const value = item[name];
  if (!isMap(value) || !Object.values(value).every((one) => typeof one === 'string')) {
    throw not(item, name, 'a map of texts');
  }
  return value as Readonly<Record<string, string>>;
};
