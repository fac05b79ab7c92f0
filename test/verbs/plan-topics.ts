/** Changes and looks at topics that may come next. */
import fc from 'fast-check';
import { NAMES, type Plan, someTopic } from './plan-subjects.ts';

const legalConfigs = fc.record(
  {
    'max.message.bytes': fc.constantFrom('100', '200', '300', '1000', '2000000'),
    'message.timestamp.after.max.ms': fc.constantFrom('0', '2000', '100000'),
    'message.timestamp.type': fc.constantFrom('CreateTime', 'LogAppendTime'),
    'retention.ms': fc.constantFrom('-1', '0', '86400000'),
  },
  { requiredKeys: [] },
);

const illegalConfigs = fc.constantFrom<Record<string, string>[]>(
  { 'max.message.bytes': '99' },
  { 'max.message.bytes': '4194305' },
  { 'max.message.bytes': '200', 'message.timestamp.after.max.ms': '-1' },
  { 'message.timestamp.type': 'createtime' },
  { 'retention.ms': '-2' },
  { 'message.timestamp.type': 'LogAppendTime', 'no.such.config': '1' },
);

const someConfigs: fc.Arbitrary<Record<string, string>> = fc.oneof(
  { weight: 5, arbitrary: legalConfigs },
  { weight: 1, arbitrary: illegalConfigs },
);

const CONFIGS: readonly string[] = [
  'max.message.bytes',
  'message.timestamp.after.max.ms',
  'message.timestamp.type',
  'retention.ms',
];

export const createTopic = fc
  .record({
    topic: fc.constantFrom(...NAMES, ...NAMES, ...NAMES, 'a:b', '..', ''),
    partitions: fc.constantFrom(1, 1, 2, 3, 4, 0, 10_001),
    configs: fc.oneof(
      { weight: 2, arbitrary: fc.constant({}) },
      { weight: 1, arbitrary: someConfigs },
    ),
  })
  .map(
    (call): Plan =>
      () => ({ verb: 'createTopic', ...call }),
  );

export const alterConfigs = fc
  .record({
    topic: someTopic,
    set: someConfigs,
    reset: fc.subarray([...CONFIGS]),
    wrong: fc.constantFrom('nothing', 'nothing', 'nothing', 'both', 'unknown'),
  })
  .map(
    ({ topic, set, reset, wrong }): Plan =>
      (model) => {
        const others = reset.filter((name) => !(name in set));
        const name = topic(model);
        if (wrong === 'both') {
          const both = { 'max.message.bytes': '300' };
          return { verb: 'alterConfigs', topic: name, set: both, reset: ['max.message.bytes'] };
        }
        if (wrong === 'unknown') {
          return {
            verb: 'alterConfigs',
            topic: name,
            set: {},
            reset: [...others, 'no.such.config'],
          };
        }
        return { verb: 'alterConfigs', topic: name, set, reset: others };
      },
  );

export const addPartitions = fc
  .record({ topic: someTopic, more: fc.constantFrom(1, 1, 2, 0, -1, 10_001) })
  .map(
    ({ topic, more }): Plan =>
      (model) => {
        const name = topic(model);
        const count = model.topics.get(name)?.partitions.length ?? 1;
        return { verb: 'addPartitions', topic: name, partitions: Math.max(0, count + more) };
      },
  );

/** A topic that a sequence finds there, with configs that let most in. */
export const firstTopic: fc.Arbitrary<Plan> = fc
  .record({
    topic: fc.constantFrom(...NAMES),
    partitions: fc.integer({ min: 1, max: 3 }),
    configs: fc.constantFrom<Record<string, string>[]>(
      {},
      {},
      { 'message.timestamp.type': 'LogAppendTime' },
      { 'max.message.bytes': '200' },
      { 'message.timestamp.after.max.ms': '2000' },
    ),
  })
  .map(
    (call): Plan =>
      () => ({ verb: 'createTopic', ...call }),
  );

export const listTopics = fc
  .record(
    { after: fc.constantFrom(...NAMES, 'zz'), limit: fc.integer({ min: 1, max: 3 }) },
    { requiredKeys: [] },
  )
  .map(
    (call): Plan =>
      () => ({ verb: 'listTopics', ...call }),
  );

export const ofTopic = (verb: 'describeTopic' | 'deleteTopic') =>
  someTopic.map(
    (topic): Plan =>
      (model) => ({ verb, topic: topic(model) }),
  );
