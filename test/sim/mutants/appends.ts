/** Mutants of appending: groups, commits, and what becomes of them. */
import type { Mutant } from './mutant.ts';

export const APPEND_MUTANTS: readonly Mutant[] = [
  {
    name: 'what was seen is raised before an outcome is known',
    rules: ['duplicate'],
    fault: {
      file: 'lib/log/append/resolve.ts',
      edits: [
        { find: 'if (head.tailStart > group.seen) {', replace: 'if (head.tailStart > head.end) {' },
      ],
    },
    mood: 'busy',
    within: 24,
  },
  {
    name: 'a group claims to have seen more than it has',
    rules: ['duplicate'],
    fault: {
      file: 'lib/log/append/group.ts',
      edits: [
        {
          find: 'buildGroup(drafts, claims, ranks, view.head.end, runtime)',
          replace: 'buildGroup(drafts, claims, ranks, view.head.end + 1_000, runtime)',
        },
      ],
    },
    within: 24,
  },
  {
    name: 'rows are searched for a mark from one too late',
    rules: ['duplicate'],
    fault: {
      file: 'lib/log/append/resolve.ts',
      edits: [
        { find: 'let rows = first === undefined ? [] : [first];', replace: 'let rows = [];' },
      ],
    },
    mood: 'busy',
    from: 6,
    within: 24,
  },
  {
    name: 'a refusal means that nothing was applied',
    rules: ['duplicate', 'complaint'],
    fault: {
      file: 'lib/log/append/commit.ts',
      edits: [
        {
          find: 'switch (resolution.kind) {',
          replace:
            "if (doubt instanceof ConditionFailed && resolution.kind === 'applied') return { kind: 'never' };\n    switch (resolution.kind) {",
        },
      ],
    },
    within: 24,
  },
  {
    name: 'no answer means that nothing was applied',
    rules: ['duplicate', 'complaint', 'aborted read'],
    fault: {
      file: 'lib/log/append/commit.ts',
      edits: [{ find: 'sent ||= beforehand === undefined;', replace: 'sent = false;' }],
    },
    within: 24,
  },
  {
    name: 'not applied so far means never',
    rules: ['duplicate'],
    fault: {
      file: 'lib/log/append/commit.ts',
      edits: [
        {
          find: "case 'send-again':\n        return 'send-again';",
          replace: "case 'send-again':\n        return { kind: 'never' };",
        },
      ],
    },
    mood: 'busy',
    within: 24,
  },
  {
    name: 'an append of unknown outcome is tried as another one',
    rules: ['duplicate', 'aborted read'],
    fault: {
      file: 'lib/log/append/commit.ts',
      edits: [
        {
          find: 'return failed(outcomeUnknown(ref, error));',
          replace: "return { kind: 'never' };",
        },
        {
          find: 'if (late) return failed(outcomeUnknown(ref, doubt));',
          replace: "if (late) return { kind: 'never' };",
        },
      ],
    },
    mood: 'failing',
    within: 24,
  },
  {
    name: 'an unknown outcome is told as none',
    rules: ['aborted read'],
    fault: {
      file: 'lib/log/append/failures.ts',
      edits: [{ find: "effect: 'unknown', cause }", replace: "effect: 'none', cause }" }],
    },
    mood: 'failing',
    within: 24,
  },
  {
    name: 'the base is told by a newer view',
    rules: ['inconsistent offset'],
    fault: {
      file: 'lib/log/append/commit.ts',
      edits: [
        {
          find: 'head.end - group.recordCount',
          replace: 'views.current!.head.end - group.recordCount',
        },
      ],
    },
    mood: 'busy',
    from: 15,
    within: 30,
  },
  {
    name: 'acknowledged before the commit',
    rules: ['inconsistent offset', 'lost write', 'unseen'],
    fault: {
      file: 'lib/log/append/lane.ts',
      edits: [
        {
          find: 'const outcome = await commitGroup(',
          replace:
            'this.#settle(formed, view.head.end, view.head.start);\n    const outcome = await commitGroup(',
        },
      ],
    },
    within: 24,
  },
  {
    name: 'offsets in a flush count batches, not records',
    rules: ['inconsistent offset'],
    fault: {
      file: 'lib/log/append/lane.ts',
      edits: [
        { find: 'offset += run.recordCount;', replace: 'offset += run.batchRecords.length;' },
      ],
    },
    within: 24,
  },
  {
    name: 'runs of a group are answered in another order',
    rules: ['inconsistent offset'],
    fault: {
      file: 'lib/log/append/lane.ts',
      edits: [{ find: 'group.runs.map(', replace: 'group.runs.toReversed().map(' }],
    },
    within: 24,
  },
  {
    name: 'departed producers are remembered from before the view',
    rules: ['duplicate', 'complaint'],
    fault: {
      file: 'lib/log/append/lane.ts',
      edits: [
        {
          find: '#queue: PlacedRun[] = [];',
          replace: 'readonly #known = new Map<number, number>();\n  #queue: PlacedRun[] = [];',
        },
        { find: 'const ranks = new Map<number, number>();', replace: 'const ranks = this.#known;' },
        {
          find: 'const ids = [...unknown];',
          replace: 'const ids = [...unknown].filter((id) => !ranks.has(id));',
        },
      ],
    },
    mood: 'crowded',
    within: 24,
  },
  {
    name: 'departed producers are not read',
    rules: ['duplicate', 'complaint'],
    fault: {
      file: 'lib/log/append/lane.ts',
      edits: [
        {
          find: 'const departed = await this.#departedProducers(candidates, view);',
          replace: 'const departed = new Map<number, number>();',
        },
      ],
    },
    within: 24,
  },
  {
    name: 'refused by a view that may be old',
    rules: ['complaint'],
    fault: {
      file: 'lib/log/append/lane.ts',
      edits: [
        {
          find: 'if (!isFinal(verdict) && view.begunAt <= placed.run.arrival) return this.#refresh();',
          replace: '',
        },
      ],
    },
    within: 24,
  },
  {
    name: 'an expected end is forgotten when a run goes back',
    rules: ['expected end', 'duplicate'],
    fault: {
      file: 'lib/log/append/lane.ts',
      edits: [
        {
          find: 'this.#queue = runs.concat(this.#queue);',
          replace:
            'this.#queue = runs.map(({ run, place }) => ({ run: { ...run, expectedEnd: undefined }, place })).concat(this.#queue);',
        },
      ],
    },
    mood: 'expectant',
    within: 24,
  },
  {
    name: 'objects below the floor go back as they are',
    rules: ['complaint'],
    fault: {
      file: 'lib/log/append/lane.ts',
      edits: [{ find: 'if (!runs.some(isBelow)) {', replace: 'if (runs.length > 0) {' }],
    },
    mood: 'collected',
    from: 6,
    within: 24,
  },
  {
    name: 'the floor is compared with the newest object of a group',
    rules: ['complaint', 'lost write', 'unseen'],
    fault: {
      file: 'lib/log/append/group.ts',
      edits: [{ find: 'Math.min(...objectTimes)', replace: 'Math.max(...objectTimes)' }],
    },
    mood: 'collected',
    within: 24,
  },
  {
    name: 'a sequence window that is one too small',
    rules: ['complaint'],
    fault: {
      file: 'lib/log/rank.ts',
      edits: [{ find: 'range.recordCount <= behind)', replace: 'range.recordCount < behind)' }],
    },
    within: 24,
  },
  {
    name: 'a rank that is one behind',
    rules: ['complaint', 'duplicate'],
    fault: {
      file: 'lib/log/rank.ts',
      edits: [
        {
          find: "{ kind: 'next', rank: advanceRank(rank, range.recordCount) }",
          replace: "{ kind: 'next', rank: advanceRank(rank, range.recordCount - 1) }",
        },
      ],
    },
    within: 24,
  },
  {
    name: 'a new epoch is judged by the sequences of the one before',
    rules: ['unseen', 'lost write', 'inconsistent offset', 'complaint'],
    fault: {
      file: 'lib/log/rank.ts',
      edits: [
        {
          find: 'if (rank === undefined || epoch !== range.producerEpoch) {',
          replace: 'if (rank === undefined) {',
        },
      ],
    },
    mood: 'failing',
    within: 24,
  },
  {
    name: 'an epoch is let in once, and then taken for an old one',
    rules: ['complaint'],
    fault: {
      file: 'lib/log/rank.ts',
      edits: [{ find: 'range.producerEpoch < epoch)', replace: 'range.producerEpoch <= epoch)' }],
    },
    within: 24,
  },
  {
    name: 'a duplicate is told the offset of its entry',
    rules: ['inconsistent offset'],
    fault: {
      file: 'lib/log/append/duplicate.ts',
      edits: [{ find: 'found = offset + within;', replace: 'found = offset;' }],
    },
    within: 24,
  },
];
