/** The table of mutants fits the code: `npm run mutants` looks for them. */
import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { describe, expect, it } from 'vitest';
import { APPEND_CONDITIONS } from '../../../lib/log/append/once.ts';
import { ROLL_CONDITIONS } from '../../../lib/log/append/roll.ts';
import { DELETE_CONDITIONS } from '../../../lib/log/delete-records.ts';
import { TOPIC_CONDITIONS } from '../../../lib/log/topics/conditions.ts';
import { producerNotNewer } from '../../../lib/storage/keys/producer.ts';
import { deletedTopicGrows } from '../../../lib/storage/keys/topic.ts';
import { REVISION_AS_READ } from '../../../lib/storage/revise.ts';
import { CONDITION_MUTANTS, ELSEWHERE } from './conditions.ts';
import type { Patch } from './mutant.ts';
import { patched, urlOf } from './patching.ts';
import { EQUIVALENTS, MUTANTS } from './table.ts';

const CONDITIONS = [
  ...Object.values(APPEND_CONDITIONS),
  ...Object.values(ROLL_CONDITIONS),
  ...Object.values(DELETE_CONDITIONS),
  ...Object.keys(producerNotNewer(0)),
  ...Object.values(TOPIC_CONDITIONS),
  ...Object.keys(deletedTopicGrows({ reserved: 0 })),
  REVISION_AS_READ,
];

const patches = [...MUTANTS, ...EQUIVALENTS].flatMap(({ name, fault }) =>
  'file' in fault ? [{ name, fault }] : [],
);

const sourceOf = (patch: Patch): Promise<string> => readFile(new URL(urlOf(patch)), 'utf8');

describe('the mutants', () => {
  it('have names of their own', () => {
    const names = [...MUTANTS, ...EQUIVALENTS].map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
  });

  it('forget every condition there is, or leave it to the replayed worlds', () => {
    const forgotten = CONDITION_MUTANTS.map(({ fault: { without } }) => without);
    expect([...forgotten, ...ELSEWHERE].sort()).toEqual([...CONDITIONS].sort());
  });

  it('each name a rule that is to find them, and seeds', () => {
    for (const { name, rules, within } of MUTANTS) {
      expect(rules.length, name).toBeGreaterThan(0);
      expect(within, name).toBeGreaterThan(0);
    }
  });

  it.each(patches)('$name: is patched as the code is now, and parses', async ({ fault }) => {
    const source = await sourceOf(fault);
    const mutant = patched(fault, source);
    expect(mutant).not.toBe(source);
    expect(() => stripTypeScriptTypes(mutant)).not.toThrow();
  });

  it('refuses a patch of what is not there, or is there twice', () => {
    const patch = (find: string) => ({ file: 'lib/a.ts', edits: [{ find, replace: 'd' }] });
    expect(patched(patch('b'), 'abc')).toBe('adc');
    expect(() => patched(patch('x'), 'abc')).toThrow('0 times');
    expect(() => patched(patch('b'), 'abcb')).toThrow('2 times');
  });
});
