/**
 * One run: the whole service in one process under a seeded scheduler, from a plan to a verdict.
 *
 *   plan ─► environments over one store, actors, trouble ─► rest: healed, settled, read ─► checker
 *
 * The same plan gives the same history, byte for byte.
 */
import { createTopic } from '../../lib/log/topics/create.ts';
import { topicName } from '../../lib/model/ids.ts';
import { tokenBucket } from '../../lib/storage/faulty/plans.ts';
import { withoutCondition } from '../../lib/storage/faulty/without-condition.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { seededBy, type VirtualRuntime, virtualRuntime } from '../support/virtual-runtime.ts';
import { ACTORS } from './actors/actors.ts';
import type { Anomaly } from './checker/anomaly.ts';
import { checkHistory, type Verdict } from './checker/check.ts';
import type { History } from './checker/history.ts';
import type { Plan } from './plan.ts';
import { type Counts, makeCounts } from './world/counts.ts';
import { type Environment, makeEnvironment } from './world/environment.ts';
import { probe, readEverything } from './world/final.ts';
import { makeNetwork } from './world/network.ts';
import { inNameOf, makeRecorder, type Recorder } from './world/recorder.ts';
import { withReplicas } from './world/replicas.ts';
import { checkRest, watchTails } from './world/rest.ts';
import type { Scene } from './world/scene.ts';
import { trouble } from './world/trouble.ts';

export interface RunOptions {
  /** A named condition that the store forgets: a mutant of the protocol. */
  readonly without?: string;
}

/** What is wrong. */
export interface Finding extends Anomaly {
  /** Of the checker, or `complaint`. */
  readonly rule: string;
  /** Who complains. */
  readonly by?: string;
}

export interface Run {
  readonly plan: Plan;
  readonly history: History;
  readonly findings: readonly Finding[];
  readonly summary: Verdict['summary'];
  /** Faults that happened, by kind. */
  readonly faults: Readonly<Record<string, number>>;
  /** How long it took in the world, ms. */
  readonly worldMs: number;
}

const TOPIC = topicName('events');
/** No world needs as long, ms: it goes round in circles. */
const LONGEST_WORLD_MS = 24 * 3_600_000;

/** Runs a plan to its end. Never rejects: whatever goes wrong is found. */
export const runPlan = async (plan: Plan, options: RunOptions = {}): Promise<Run> => {
  const base = virtualRuntime(plan.seed);
  const recorder = makeRecorder();
  const counts = makeCounts(plan.mostFaults);
  const startedAt = base.monotonicMs();
  /** What the world waits for. */
  const underWay = new Set<string>();
  try {
    const world = { plan, base, recorder, counts, underWay };
    await base.drive(() => live(world, options), LONGEST_WORLD_MS);
  } catch (error) {
    const who = [...underWay].join(', ');
    recorder.complain('the world', `it ended while ${who} went on: ${(error as Error).stack}`);
  }
  const history: History = { operations: recorder.operations };
  return {
    plan,
    history,
    ...judge(history, recorder),
    faults: counts.byKind,
    worldMs: base.monotonicMs() - startedAt,
  };
};

const judge = (history: History, { complaints }: Recorder): Pick<Run, 'findings' | 'summary'> => {
  const { anomalies, summary } = checkHistory(history);
  const findings = [
    ...complaints.map((one) => ({ ...one, rule: 'complaint' })),
    ...[...anomalies].flatMap(([rule, found]) => found.map((one) => ({ ...one, rule }))),
  ];
  return { findings, summary };
};

interface World {
  readonly plan: Plan;
  readonly base: VirtualRuntime;
  readonly recorder: Recorder;
  readonly counts: Counts;
  readonly underWay: Set<string>;
}

const live = async (
  { plan, base, recorder, counts, underWay }: World,
  { without }: RunOptions,
): Promise<void> => {
  const during = async (what: string, work: Promise<void>): Promise<void> => {
    underWay.add(what);
    await work;
    underWay.delete(what);
  };
  const chance = seededBy(plan.seed, 'replicas');
  const isBehind = () => chance() < (plan.itemFaults.stale ?? 0) && counts.add('copy behind');
  const items = watchTails(withReplicas(memoryItems(), base, chance, isBehind), recorder);
  const stores = {
    items: without === undefined ? items : withoutCondition(items, without),
    blobs: memoryBlobs(),
  };
  const bucket = tokenBucket(base, { unitsPerSecond: plan.unitsPerSecond });
  const ground = { plan, base, stores, counts, bucket };
  const environments = plan.environments.map((one, index) => {
    if (one.skewMs !== 0) counts.add('skewed clock');
    return makeEnvironment(ground, one, `environment ${index + 1}`);
  });
  const shared = {
    plan,
    runtime: base,
    recorder,
    stores,
    topic: TOPIC,
    partitions: { count: plan.partitions },
    kept: [],
    appendTimes: new Map<string, number>(),
    producerIds: new Set<number>(),
    clusterIds: new Set<string>(),
    goesOn: () => recorder.operations.length < plan.operations,
  };
  const sceneOf = (name: string, among: readonly Environment[] = environments): Scene => {
    const random = seededBy(plan.seed, name);
    return {
      ...shared,
      name,
      recorder: inNameOf(name, recorder),
      random,
      network: makeNetwork(plan, among, base, counts, random),
    };
  };

  const newcomer = (name: string): Environment =>
    makeEnvironment(ground, { kind: 'server', skewMs: 0, lingerMs: 0 }, name);
  await createTopic(stores.items, base, { name: TOPIC, partitions: plan.partitions, configs: {} });
  await Promise.all([
    during('trouble', trouble(sceneOf('trouble'), environments, counts)),
    ...plan.actors.map(({ kind, name }) => during(name, ACTORS[kind](sceneOf(name)))),
  ]);

  counts.heal();
  for (const one of environments) await during(`settling ${one.name}`, one.settle());
  const late = newcomer('late environment');
  const all = [...environments, late];
  await during('the probe', probe(sceneOf('probe'), all));
  for (const one of all) await during(`settling ${one.name}`, one.settle());
  const last = sceneOf('final reader');
  await during('the last reads', readEverything(last, [environments[0]!, late]));
  await checkRest({ ...last, recorder: inNameOf('the check at rest', recorder) });
};
