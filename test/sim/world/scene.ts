/** What an actor sees of its world: a service, a history to write, a clock, and chance of its own. */
import type { TopicName } from '../../../lib/model/ids.ts';
import type { Stores } from '../../support/log.ts';
import type { Random, VirtualRuntime } from '../../support/virtual-runtime.ts';
import type { Plan } from '../plan.ts';
import type { Network } from './network.ts';
import type { Recorder } from './recorder.ts';

export interface Scene {
  readonly name: string;
  readonly plan: Plan;
  readonly random: Random;
  readonly runtime: VirtualRuntime;
  readonly network: Network;
  readonly recorder: Recorder;
  /** The topic that everybody uses. */
  readonly topic: TopicName;
  /** How many partitions it is known to have; only grows. */
  readonly partitions: { count: number };
  /** As they are, without faults: for those who play what is not built yet. */
  readonly stores: Stores;
  /** When records were told to have been appended, ms, by where they were told to be (`placeName`). */
  readonly appendTimes: Map<string, number>;
  /** Ids that producers were given. */
  readonly producerIds: Set<number>;
  /** What the installation was told to be called. */
  readonly clusterIds: Set<string>;
  /** Other topics that are there in the end, with one partition. */
  readonly kept: TopicName[];
  /** Whether there is more to do. */
  goesOn(): boolean;
}

/** A small program that uses the service until there is nothing more to do. */
export type Actor = (scene: Scene) => Promise<void>;

/** A whole number, 0 ≤ n < `limit`. */
export const below = ({ random }: Scene, limit: number): number => Math.floor(random() * limit);

/** A pause, ms, at most. */
export const pause = ({ runtime, random }: Scene, mostMs: number): Promise<void> =>
  runtime.sleep(random() * mostMs);

export const partitionName = (topic: string, partition: number): string => `${topic}/${partition}`;

export const placeName = (topic: string, partition: number, offset: number): string =>
  `${partitionName(topic, partition)} at ${offset}`;
