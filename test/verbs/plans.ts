/**
 * What may come next in a sequence: plans drawn at random, which become calls when the state of the model
 * is known ("the next batch of this producer", "an offset in the middle of that partition").
 */
import fc from 'fast-check';
import { MALFORMED } from './malformed.ts';
import { commitOffsets, fetchOffsets } from './plan-groups.ts';
import {
  produceIdempotent,
  produceIllegal,
  produceRecords,
  produceShares,
  produceWhole,
} from './plan-produce.ts';
import { deleteRecords, fetchMany, fetchPartition, listOffsets } from './plan-reads.ts';
import type { Plan } from './plan-subjects.ts';
import { addPartitions, alterConfigs, createTopic, listTopics, ofTopic } from './plan-topics.ts';

const plainly = (verb: 'initProducer' | 'describeCluster' | 'checkHealth') =>
  fc.constant<Plan>(() => ({ verb }));

const malformed = fc.constantFrom(...MALFORMED).map(
  (request): Plan =>
    () => ({ verb: 'malformed', request }),
);

type Weighted = Readonly<Record<string, readonly [weight: number, plan: fc.Arbitrary<Plan>]>>;

const PLANS = {
  createTopic: [4, createTopic],
  listTopics: [2, listTopics],
  describeTopic: [4, ofTopic('describeTopic')],
  deleteTopic: [1, ofTopic('deleteTopic')],
  alterConfigs: [3, alterConfigs],
  addPartitions: [2, addPartitions],
  produceRecords: [8, produceRecords],
  produceWhole: [5, produceWhole],
  produceShares: [8, produceShares],
  produceIdempotent: [8, produceIdempotent],
  produceIllegal: [1, produceIllegal],
  fetchMany: [8, fetchMany],
  fetchPartition: [6, fetchPartition],
  listOffsets: [5, listOffsets],
  deleteRecords: [3, deleteRecords],
  commitOffsets: [4, commitOffsets],
  fetchOffsets: [4, fetchOffsets],
  initProducer: [2, plainly('initProducer')],
  describeCluster: [1, plainly('describeCluster')],
  checkHealth: [1, plainly('checkHealth')],
  malformed: [2, malformed],
} as const satisfies Weighted;

export type PlanName = keyof typeof PLANS;

const ALL = Object.keys(PLANS) as readonly PlanName[];

/** Any of these plans, those about records more often. */
export const somePlan = (names: readonly PlanName[] = ALL): fc.Arbitrary<Plan> =>
  fc.oneof(
    ...names.map((name) => {
      const [weight, arbitrary] = PLANS[name];
      return { weight, arbitrary };
    }),
  );
