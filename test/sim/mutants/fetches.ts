/** Mutants of reading. */
import type { Mutant } from './mutant.ts';

export const FETCH_MUTANTS: readonly Mutant[] = [
  {
    name: 'a reader goes on one row too far',
    rules: ['complaint', 'poll skip', 'gap'],
    fault: {
      file: 'lib/log/fetch/locate.ts',
      edits: [{ find: 'at = chunk.end;', replace: 'at = chunk.end + chunk.entries.length;' }],
    },
    within: 24,
  },
  {
    name: 'objects are kept by their name alone',
    rules: ['complaint', 'inconsistent offset', 'phantom'],
    fault: {
      file: 'lib/log/fetch/objects.ts',
      edits: [
        {
          find: "const idOf = ({ key, start }: Pick<ObjectSpan, 'key' | 'start'>)",
          replace: "const idOf = ({ key }: Pick<ObjectSpan, 'key' | 'start'>, start = 0)",
        },
      ],
    },
    within: 24,
  },
  {
    name: 'what is damaged is passed over',
    rules: ['poll skip', 'gap', 'unseen'],
    fault: {
      file: 'lib/log/fetch/batches.ts',
      edits: [{ find: '} catch (error) {', replace: '} catch (error) {\n    return [];' }],
    },
    within: 24,
  },
  {
    name: 'batches kept at a commit all have its first offset',
    rules: ['complaint', 'inconsistent offset'],
    fault: {
      file: 'lib/log/fetch/fetcher.ts',
      edits: [
        { find: 'giveOffsets(batches, offset);', replace: 'giveOffsets(batches, baseOffset);' },
      ],
    },
    within: 24,
  },
  {
    name: 'the first look of a fetch may be old',
    rules: ['stale tail', 'linearizability'],
    fault: {
      file: 'lib/log/fetch/fetcher.ts',
      edits: [{ find: 'let consistent = true;', replace: 'let consistent = false;' }],
    },
    within: 24,
  },
  {
    name: 'what fails by an old look is told',
    rules: ['complaint'],
    fault: {
      file: 'lib/log/fetch/fetcher.ts',
      edits: [{ find: 'if (failed && !consistent) {', replace: 'if (failed && pauseMs < 0) {' }],
    },
    mood: 'administered',
    from: 20,
    within: 24,
  },
  {
    name: 'an older start is taken for a newer head',
    rules: ['deleted read'],
    fault: {
      file: 'lib/log/fetch/heads.ts',
      edits: [{ find: '    read.start < known.start ||\n', replace: '' }],
    },
    mood: 'trimmed',
    from: 4,
    within: 24,
  },
  {
    name: 'any head is taken for a newer one',
    rules: ['deleted read', 'stale tail', 'linearizability'],
    fault: {
      file: 'lib/log/fetch/heads.ts',
      edits: [
        { find: 'known !== undefined &&', replace: 'known !== undefined && read.end < 0 &&' },
      ],
    },
    mood: 'trimmed',
    from: 12,
    within: 24,
  },
  {
    name: 'ends are looked up in copies that may be old',
    rules: ['stale tail', 'linearizability'],
    fault: {
      file: 'lib/log/offsets.ts',
      edits: [
        {
          find: 'readHeads(reading.items, refs, true)',
          replace: 'readHeads(reading.items, refs, false)',
        },
      ],
    },
    within: 24,
  },
];
