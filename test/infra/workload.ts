/** Everything that callers and CloudFormation can do, at least once. */

import type { ResourceRequest } from '../../functions/cloudformation/request.ts';
import { topicResource } from '../../functions/cloudformation/topic.ts';
import type { HttpServices } from '../../lib/http/app.ts';
import { MAX_HEAD_PRODUCERS } from '../../lib/model/limits.ts';
import { json, type Reply, type Request, type Surface } from '../local/surfaces.ts';

export const get = (path: string, query?: string): Request => ({
  method: 'GET',
  path,
  ...(query === undefined ? {} : { query }),
});
const post = (path: string, body: unknown, query?: string): Request => ({
  method: 'POST',
  path,
  ...(query === undefined ? {} : { query }),
  ...json(body),
});

/** More than a tail holds, so that rows are rolled out of it. */
const APPENDS = 40;
/** More than a head remembers, so that some leave it. */
const PRODUCERS = MAX_HEAD_PRODUCERS + 16;

const appended = (partition: number, value: string) => ({ records: [{ partition, value }] });

/** Every route that works on the stores. */
export const callEverything = async (send: Surface): Promise<void> => {
  const topic = '/topics/orders';
  await send(post('/topics', { name: 'orders', partitions: 2 }));
  await send(get('/cluster'));
  await send(get('/health'));

  // Larger than what is kept inline, in objects; and small.
  for (let n = 0; n < APPENDS; n++) {
    await send(post(`${topic}/records`, appended(0, n % 8 === 0 ? 'x'.repeat(4_000) : `${n}`)));
  }
  await produceOnce(send, `${topic}/records`);

  await send(get(topic));
  await send(get('/topics'));
  await send({
    method: 'PATCH',
    path: `${topic}/configs`,
    ...json({ set: { 'retention.ms': -1 } }),
  });
  await send(post(`${topic}/partitions`, { partitions: 3 }));

  for (const offset of [0, 20, 'latest'] as const) {
    await send(post(`${topic}/fetch`, { partitions: [{ partition: 0, offset }] }));
  }
  await send(get(`${topic}/partitions/0/records`, 'offset=earliest'));
  await send(get(`${topic}/offsets`, 'at=1'));
  await send(get(`${topic}/offsets`, 'at=max-timestamp'));

  const offsets = [{ topic: 'orders', partition: 0, offset: 3 }];
  for (let n = 0; n < 3; n++) await send(post('/groups/billing/offsets', { offsets }));
  await send(get('/groups/billing/offsets'));
  await send(get('/groups/billing/offsets', 'topic=orders'));

  const records = `${topic}/partitions/0/records`;
  await send({ method: 'DELETE', path: records, query: 'before=10' });
  await send({ method: 'DELETE', path: records, query: 'before=latest' });
  await send({ method: 'DELETE', path: topic });
};

/** Idempotent producers, so many that the first ones leave the head and come back. */
const produceOnce = async (send: Surface, path: string): Promise<void> => {
  const producers: Reply[] = [];
  for (let n = 0; n < PRODUCERS; n++) producers.push(await send(post('/producers', {})));
  for (const baseSequence of [0, 0, 1]) {
    for (const { status, json: told } of producers) {
      if (status >= 300) continue;
      const query = new URLSearchParams({
        partition: '1',
        producerId: String(told.producerId),
        producerEpoch: '0',
        baseSequence: String(baseSequence),
      });
      await send(post(path, { records: [{ value: 'once' }] }, String(query)));
    }
  }
};

/** As long as makes up for a claim of a name that was given up. */
const PATIENCE_MS = 600_000;

/** Makes a topic, takes it over, changes it, gives it another name, and removes both. */
export const deployEverything = async ({ broker, runtime }: HttpServices): Promise<void> => {
  const request = async (
    RequestType: ResourceRequest['RequestType'],
    Name: string,
    more: Readonly<Record<string, unknown>> = {},
    PhysicalResourceId?: string,
  ): Promise<string | undefined> => {
    const working = { broker, runtime, deadlineMs: runtime.monotonicMs() + PATIENCE_MS };
    const ResourceProperties = { Name, Partitions: '1', Configs: {}, Removal: 'destroy', ...more };
    const about = { ResponseURL: '', StackId: 's', RequestId: 'r', LogicalResourceId: 'Topic' };
    try {
      const done = await topicResource(working, {
        ...about,
        RequestType,
        ResourceProperties,
        ...(PhysicalResourceId === undefined ? {} : { PhysicalResourceId }),
      });
      return done.physicalId;
    } catch {
      // In trouble some of it fails.
      return PhysicalResourceId;
    }
  };
  const made = await request('Create', 'declared');
  await request('Create', 'declared');
  const grown = { Partitions: '2', Configs: { 'retention.ms': '1000' } };
  await request('Update', 'declared', grown, made);
  const renamed = await request('Update', 'renamed', grown, made);
  await request('Delete', 'declared', grown, made);
  await request('Delete', 'renamed', grown, renamed);
};
