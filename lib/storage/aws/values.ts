/**
 * Attributes ↔ DynamoDB's AttributeValue.
 *
 *   'x' {S}   7 {N: '7'}   true {BOOL}   bytes {B}   [ ] {L}   { } {M}
 *
 * Not `@aws-sdk/util-dynamodb`: every value on its way out has to be checked anyway (safe integers, the
 * types of the algebra and no others, no `__proto__`, through which its `unmarshall` would set a prototype),
 * and on its way in a type that the algebra does not have is damage, and must not pass for a value.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Item, Value, ValueMap } from '../algebra.ts';
import { StoreError } from '../ports.ts';
import { requireName } from '../sound.ts';

export type Attributes = Record<string, AttributeValue>;

/** @param where names the value in messages. @throws StoreError invalid when no attribute can hold it */
export const toAttribute = (value: Value, where: string): AttributeValue => {
  switch (typeof value) {
    case 'string':
      return { S: value };
    case 'boolean':
      return { BOOL: value };
    case 'number':
      if (!Number.isSafeInteger(value)) throw invalid(`${where} is ${value}, no safe integer`);
      return { N: String(value) };
    case 'object': {
      if (value instanceof Uint8Array) return { B: value };
      if (Array.isArray(value)) {
        return { L: value.map((element: Value) => toAttribute(element, where)) };
      }
      if (value === null) break;
      return { M: toAttributes(value as ValueMap, where) };
    }
  }
  throw invalid(`${where} is ${String(value)}, which no attribute can hold`);
};

/** @throws StoreError invalid */
export const toAttributes = (map: ValueMap, where: string): Attributes => {
  const attributes: Attributes = {};
  for (const name of Object.keys(map)) {
    requireName(name);
    attributes[name] = toAttribute(map[name]!, `${where}.${name}`);
  }
  return attributes;
};

/** @throws StoreError corrupt when it holds what this code never writes */
export const toItem = (attributes: Attributes): Item => fromMap(attributes, 'item') as Item;

const fromAttribute = (attribute: AttributeValue, where: string): Value => {
  if (attribute.S !== undefined) return attribute.S;
  if (attribute.N !== undefined) {
    const number = Number(attribute.N);
    if (!Number.isSafeInteger(number)) {
      throw corrupt(`${where} is ${attribute.N}, no safe integer`);
    }
    return number;
  }
  if (attribute.B !== undefined) return attribute.B;
  if (attribute.L !== undefined) return attribute.L.map((element) => fromAttribute(element, where));
  if (attribute.M !== undefined) return fromMap(attribute.M, where);
  if (attribute.BOOL !== undefined) return attribute.BOOL;
  throw corrupt(`${where} is of the type ${Object.keys(attribute).join()}, which is never written`);
};

const fromMap = (attributes: Attributes, where: string): ValueMap => {
  const map: Record<string, Value> = {};
  for (const name of Object.keys(attributes)) {
    if (name === '__proto__') throw corrupt(`${where} has an attribute __proto__`);
    map[name] = fromAttribute(attributes[name]!, `${where}.${name}`);
  }
  return map;
};

const invalid = (message: string): StoreError =>
  new StoreError('invalid', message, { effect: 'none' });

const corrupt = (message: string): StoreError => new StoreError('corrupt', message);
