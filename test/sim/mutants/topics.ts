/** Mutants of topics, producer ids and committed offsets. */
import type { Mutant } from './mutant.ts';

export const TOPIC_MUTANTS: readonly Mutant[] = [
  {
    name: 'new heads do not take the floor',
    rules: ['complaint'],
    fault: {
      file: 'lib/log/topics/heads.ts',
      edits: [
        {
          find: 'putHead(items, runtime, ref, floorThen)',
          replace: 'putHead(items, runtime, ref, 0)',
        },
        { find: 'if (floor <= floorThen) return;', replace: 'if (floor >= 0) return;' },
      ],
    },
    mood: 'collected',
    within: 24,
  },
  {
    name: 'heads go without a tombstone',
    rules: ['complaint'],
    fault: {
      file: 'lib/log/topics/heads.ts',
      edits: [
        {
          find: 'items.put(headTombstone(ref, now))',
          replace: '(headTombstone(ref, now), items.delete(headKey(ref)))',
        },
      ],
    },
    mood: 'collected',
    within: 24,
  },
  {
    name: 'a name is free before its heads are gone',
    rules: ['complaint'],
    fault: {
      file: 'lib/log/topics/delete.ts',
      edits: [
        {
          find: 'await deleteHeads(items, runtime, headRefs(holder), now);\n    if (await freeName(items, runtime, holder)) return;',
          replace:
            'const isFree = await freeName(items, runtime, holder);\n    await deleteHeads(items, runtime, headRefs(holder), now);\n    if (isFree) return;',
        },
      ],
    },
    mood: 'collected',
    within: 24,
  },
  {
    name: 'topics are believed for ever',
    rules: ['complaint'],
    fault: {
      file: 'lib/broker/topic-cache.ts',
      edits: [
        { find: 'known.delete(name);\n    },', replace: '},' },
        { find: 'ttl: TOPIC_CACHE_TTL_MS,', replace: 'ttl: 1_000 * TOPIC_CACHE_TTL_MS,' },
      ],
    },
    mood: 'administered',
    within: 24,
  },
  {
    name: 'configs are altered from what they were',
    rules: ['complaint'],
    fault: {
      file: 'lib/log/topics/alter.ts',
      edits: [
        {
          find: 'changed(now.configs, changes)',
          replace: '(now, changed(topic.configs, changes))',
        },
      ],
    },
    mood: 'administered',
    within: 24,
  },
  {
    name: 'a change does not know its own mark',
    rules: ['complaint'],
    fault: {
      file: 'lib/storage/revise.ts',
      edits: [
        {
          find: "if (marksOf(item).some((one) => sameValue(one, mark))) return 'applied';",
          replace: 'void [mark, sameValue];',
        },
      ],
    },
    mood: 'administered',
    from: 7,
    within: 24,
  },
  {
    name: 'a block of producer ids is read back',
    rules: ['complaint'],
    fault: {
      file: 'lib/log/producer-ids.ts',
      edits: [
        {
          find: 'return counterValue(counter);',
          replace: 'return counterValue((await items.get(PRODUCER_IDS_KEY)) ?? counter);',
        },
      ],
    },
    from: 5,
    within: 24,
  },
  {
    name: 'committed offsets are read from copies that may be old',
    rules: ['complaint'],
    fault: {
      file: 'lib/groups/offsets.ts',
      edits: [
        {
          find: 'items.getMany(refs.map((ref) => groupOffsetKey(group, ref)));',
          replace:
            'items.getMany(refs.map((ref) => groupOffsetKey(group, ref)), { consistent: false });',
        },
      ],
    },
    mood: 'committing',
    within: 24,
  },
];
