/** Who works on a topic all through a run: clients over plain HTTP, each a file in `clients/`. */
import { deleter } from './clients/deleter.ts';
import { expectedEndProducer } from './clients/expected-end-producer.ts';
import { idempotentProducer } from './clients/idempotent-producer.ts';
import { offsetWatcher } from './clients/offset-watcher.ts';
import { plainProducer } from './clients/plain-producer.ts';
import { reader } from './clients/reader.ts';
import { forked } from './draw.ts';
import { type Crowd, type Life, liveOn } from './field.ts';

const CLIENTS: Readonly<Record<string, Life>> = {
  plain1: plainProducer,
  plain2: plainProducer,
  idempotent1: idempotentProducer,
  idempotent2: idempotentProducer,
  end1: expectedEndProducer,
  reader1: reader,
  reader2: reader,
  watcher1: offsetWatcher,
  deleter1: deleter,
};

/** All of them. */
export const httpCrowd: Crowd = async (field, draw) => {
  const lives = Object.entries(CLIENTS).map(([client, life]) =>
    liveOn(field, client, forked(draw), life),
  );
  await Promise.all(lives);
};
