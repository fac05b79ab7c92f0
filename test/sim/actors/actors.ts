/**
 * Everybody who acts in the simulation. A new one is a file, a line here, and one in `actorsOf`
 * (`plan.ts`), without which nobody plays it.
 */
import type { Actor } from '../world/scene.ts';
import { collector } from './collector.ts';
import { committer } from './committer.ts';
import { configAdmin } from './config-admin.ts';
import { expectantIdempotentProducer } from './expectant-idempotent-producer.ts';
import { expectantProducer } from './expectant-producer.ts';
import { idempotentProducer } from './idempotent-producer.ts';
import { onlooker } from './onlooker.ts';
import { producer } from './producer.ts';
import { reader } from './reader.ts';
import { timeSeeker } from './time-seeker.ts';
import { topicAdmin } from './topic-admin.ts';
import { topicRecycler } from './topic-recycler.ts';
import { trimmer } from './trimmer.ts';

export const ACTORS = {
  producer,
  'idempotent producer': idempotentProducer,
  'expectant producer': expectantProducer,
  'expectant idempotent producer': expectantIdempotentProducer,
  reader,
  onlooker,
  'time seeker': timeSeeker,
  trimmer,
  collector,
  committer,
  'topic admin': topicAdmin,
  'topic recycler': topicRecycler,
  'config admin': configAdmin,
} as const satisfies Record<string, Actor>;

export type ActorKind = keyof typeof ACTORS;

export const ACTOR_KINDS = Object.keys(ACTORS) as readonly ActorKind[];
