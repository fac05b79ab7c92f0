/** Mutants of rolling and of deleting records. */
import type { Mutant } from './mutant.ts';

export const ROLL_MUTANTS: readonly Mutant[] = [
  {
    name: 'producers leave without a trace',
    rules: ['complaint', 'duplicate'],
    fault: {
      file: 'lib/log/append/roll.ts',
      edits: [
        {
          find: 'await items.put(producerItem(pk, id, departed, now), producerNotNewer(head.end));',
          replace: '[producerItem, producerNotNewer, pk, departed].forEach(() => undefined);',
        },
      ],
    },
    mood: 'crowded',
    within: 24,
  },
  {
    name: 'producers leave before their items are written',
    rules: ['complaint', 'duplicate'],
    fault: {
      file: 'lib/log/append/roll.ts',
      edits: [{ find: 'await Promise.all(', replace: 'void Promise.allSettled(' }],
    },
    mood: 'crowded',
    within: 24,
  },
  {
    name: 'the tail moves before its row is written',
    rules: ['complaint', 'lost write', 'unseen'],
    fault: {
      file: 'lib/log/append/roll.ts',
      edits: [
        {
          find: "await items.put(row, { [ROLL_CONDITIONS.rowIsFree]: absent('v') });",
          replace:
            "void items.put(row, { [ROLL_CONDITIONS.rowIsFree]: absent('v') }).catch(() => undefined);",
        },
      ],
    },
    within: 24,
  },
  {
    name: 'a roll drops one entry too many',
    rules: ['complaint', 'lost write', 'unseen'],
    fault: {
      file: 'lib/log/append/roll.ts',
      edits: [{ find: 'return wanted;', replace: 'return wanted + 1;' }],
    },
    within: 24,
  },
  {
    name: 'a roll that finds a row drops what it wanted to',
    rules: ['complaint', 'lost write', 'unseen'],
    fault: {
      file: 'lib/log/append/roll.ts',
      edits: [
        {
          find: 'return count <= head.tail.length ? count : undefined;',
          replace: 'return count <= head.tail.length ? wanted : undefined;',
        },
      ],
    },
    mood: 'busy',
    within: 24,
  },
  {
    name: 'the tail weighs what it had weighed',
    rules: ['complaint'],
    fault: {
      file: 'lib/log/append/roll.ts',
      edits: [{ find: 'sum + entry.length, 0)),', replace: 'sum + entry.length - 1, 0)),' }],
    },
    within: 24,
  },
  {
    name: 'records are weighed up to one entry too few',
    rules: ['complaint'],
    fault: {
      file: 'lib/log/delete-records.ts',
      edits: [
        { find: 'base + entry.recordCount > goal', replace: 'base + entry.recordCount >= goal' },
      ],
    },
    mood: 'trimmed',
    within: 24,
  },
  {
    name: 'a refused deletion is given up as not done',
    rules: ['early start', 'complaint'],
    fault: {
      file: 'lib/log/delete-records.ts',
      edits: [
        {
          find: 'if (head.start > start) {',
          replace: 'if (refused && !doubted) throw error;\n        if (head.start > start) {',
        },
      ],
    },
    mood: 'trimmed',
    within: 24,
  },
];
