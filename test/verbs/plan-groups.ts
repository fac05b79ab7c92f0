/** Commits and reads of the offsets of groups that may come next. */
import fc from 'fast-check';
import { logOf, NAMES, type Plan, someOffset, somePartition, someTopic } from './plan-subjects.ts';

const someGroup = fc.constantFrom(
  ...[
    'billing',
    'billing',
    'billing',
    'billing',
    'audit',
    'audit',
    'a b/ü',
    '..',
    '~2E',
    '__proto__',
    '\u0007',
    'x'.repeat(256),
  ],
);

const someCommit = fc.record(
  {
    topic: someTopic,
    partition: somePartition,
    offset: someOffset,
    metadata: fc.constantFrom('', 'seen', 'ü'.repeat(2_048), 'ü'.repeat(2_049)),
    leaderEpoch: fc.constantFrom(-1, 0, 7),
  },
  { requiredKeys: ['topic', 'partition', 'offset'] },
);

export const commitOffsets = fc
  .record(
    {
      group: someGroup,
      epoch: fc.constantFrom(0, 3),
      commits: fc.array(someCommit, { minLength: 1, maxLength: 2 }),
    },
    { requiredKeys: ['group', 'commits'] },
  )
  .map(
    ({ commits, ...call }): Plan =>
      (model) => ({
        verb: 'commitOffsets',
        ...call,
        offsets: commits.map(({ topic, partition, offset, ...rest }) => {
          const name = topic(model);
          const number = partition(model, name);
          const where = offset(logOf(model, name, number));
          const log = logOf(model, name, number);
          return {
            ...rest,
            topic: name,
            partition: number,
            offset: where === 'earliest' ? log.start : where === 'latest' ? log.end : where,
          };
        }),
      }),
  );

export const fetchOffsets = fc
  .record(
    { group: someGroup, topic: fc.constantFrom(...NAMES, 'a:b') },
    { requiredKeys: ['group'] },
  )
  .map(
    (call): Plan =>
      () => ({ verb: 'fetchOffsets', ...call }),
  );
