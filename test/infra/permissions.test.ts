/**
 * What the roles of the functions may do: as much as the code does, and no more.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  BLOB_ACTIONS,
  ITEM_ACTIONS,
  type ItemVerb,
  PERMISSIONS,
  type Permissions,
} from '../../infra/permissions.ts';
import { ROUTES, type RouteName } from '../../lib/http/routes.ts';
import type { Use } from './recorder.ts';
import { observe, WORKING_FUNCTIONS } from './usage.ts';

/** Enough that what is done in trouble only, such as raising the floor of a head that is there, comes up often. */
const SEEDS = Array.from({ length: 16 }, (_, n) => n + 1);

/** `items.put P#*`: one permission a line, in order. */
const lines = (lines: Iterable<string>): readonly string[] => [...new Set(lines)].sort();

const allowedBy = ({ items, blobs }: Permissions): readonly string[] =>
  lines(
    Object.entries({ items, blobs }).flatMap(([port, verbs]) =>
      Object.entries(verbs).flatMap(([verb, keys]) => keys.map((key) => `${port}.${verb} ${key}`)),
    ),
  );

describe('the table', () => {
  const used = new Map<string, Use[]>(WORKING_FUNCTIONS.map((name) => [name, []]));
  const served = new Set<RouteName>();

  beforeAll(async () => {
    const troubles = [{}, { isSpoilt: true }, ...SEEDS.map((seed) => ({ seed }))];
    for (const trouble of troubles) {
      const observed = await observe(trouble);
      for (const [name, uses] of observed.usage) used.get(name)!.push(...uses);
      for (const name of observed.served) served.add(name);
    }
  });

  it('is compared with every route', () => {
    expect([...served].sort()).toEqual(ROUTES.map(({ name }) => name).sort());
  });

  it.each(WORKING_FUNCTIONS)('allows %s what it does, and nothing else', (name) => {
    const wanted = used.get(name)!.map(({ port, verb, key }) => `${port}.${verb} ${key}`);
    expect(allowedBy(PERMISSIONS[name])).toEqual(lines(wanted));
  });

  it('allows maintenance nothing, as it does nothing yet', () => {
    expect(PERMISSIONS.maintain).toEqual({ items: {}, blobs: {} });
  });

  it('knows rows that IAM cannot tell apart: who writes which', () => {
    const rows = [...used].flatMap(([name, uses]) =>
      uses.filter(({ row }) => row !== '').map(({ verb, row }) => `${name} ${verb} ${row}`),
    );
    expect(lines(rows)).toEqual([
      'commit update OFFSET#',
      'produce put LOG#',
      'produce put PRODUCER#',
      'produce update HEAD',
      'topic-resource put HEAD',
      'topic-resource update HEAD',
      'topics put HEAD',
      'topics update HEAD',
    ]);
  });
});

/** What partition keys are called in the documents. */
const WORDS: Readonly<Record<string, string>> = {
  TOPICS: 'topics',
  DELETED: 'topics',
  'P#*': 'partitions',
  COUNTERS: 'counters',
  CLUSTER: "the cluster's id",
  'GROUP#*': 'groups',
};

describe('docs/topics-and-grants.md', () => {
  const page = readFileSync(
    resolve(import.meta.dirname, '../../docs/topics-and-grants.md'),
    'utf8',
  );
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (.*) \|$/gm)].map(
    ([, name, cells]) => [name!, cells!.split(' | ')] as const,
  );

  it.each(Object.keys(PERMISSIONS) as (keyof typeof PERMISSIONS)[])('tells of %s', (name) => {
    const { items, blobs } = PERMISSIONS[name];
    const told = (...verbs: readonly ItemVerb[]): readonly string[] =>
      lines(verbs.flatMap((verb) => items[verb] ?? []).map((key) => WORDS[key]!));
    const [, cells] = rows.find(([row]) => row === name)!;
    const [reads, writes, deletes, objects] = cells.map((cell) =>
      cell.startsWith('none') ? [] : lines(cell.replace(/ \(.*\)/, '').split(', ')),
    );
    expect(reads).toEqual(told('get', 'getMany', 'query'));
    expect(writes).toEqual(told('put', 'update'));
    expect(deletes).toEqual(told('delete'));
    expect(objects).toEqual(
      lines(Object.keys(blobs).map((verb) => (verb === 'get' ? 'reads' : 'writes'))),
    );
  });
});

describe('permissions', () => {
  const verbsOf = (name: keyof typeof PERMISSIONS): readonly string[] =>
    Object.entries(PERMISSIONS[name]).flatMap(([port, verbs]) =>
      Object.keys(verbs).map((verb) => `${port}.${verb}`),
    );

  it('let nobody write who only reads, and nobody delete who appends', () => {
    for (const verb of ['put', 'update', 'delete']) {
      expect(verbsOf('fetch')).not.toContain(`items.${verb}`);
      expect(verbsOf('fetch')).not.toContain(`blobs.${verb}`);
    }
    expect(verbsOf('produce')).not.toContain('items.delete');
  });

  it('know each verb by one action', () => {
    const actions = [...Object.values(ITEM_ACTIONS), ...Object.values(BLOB_ACTIONS)];
    expect(new Set(actions).size).toBe(actions.length);
  });
});
