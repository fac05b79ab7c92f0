/** Values of the torture say who sent them, and whether they are whole. */
import { expect, it } from 'vitest';
import { idOf, nameOf, valueFor } from './value.ts';

it('a value gives itself away when it was damaged', () => {
  const value = valueFor('plain1.4.42.4096');
  expect(value).toHaveLength(4096);
  expect(idOf(value)).toBe('plain1.4.42.4096');
  expect(nameOf(value)).toBe('plain1.4.42.4096');
  for (const damaged of [value.slice(0, -1), `${value.slice(0, -1)}\0`, '']) {
    expect(idOf(damaged)).toBeUndefined();
    expect(nameOf(damaged)).toMatch(/^damaged "/);
  }
  expect(nameOf(null)).toBe('damaged null');
});
