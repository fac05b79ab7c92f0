/** Metrics of the functions in Lambda: names, units and dimensions are those of the table, and nothing is written for nothing. */
import { describe, expect, it } from 'vitest';
import { handler as commitHandler } from '../../functions/commit.ts';
import { handler as fetchHandler } from '../../functions/fetch.ts';
import { meteredBroker } from '../../functions/lambda/metered-broker.ts';
import { newTally, tallying } from '../../functions/lambda/tally.ts';
import { handler as produceHandler } from '../../functions/produce.ts';
import type { Broker } from '../../lib/broker/api.ts';
import { StratalogError } from '../../lib/model/errors.ts';
import { topicName } from '../../lib/model/ids.ts';
import {
  DIMENSIONS,
  METRICS,
  METRICS_NAMESPACE,
  type MetricName,
} from '../../lib/model/metrics.ts';
import { BATCHES_MEDIA_TYPE } from '../../lib/record/frames.ts';
import { ask, create, host, hostedTests, produce, written } from '../support/lambda-host.ts';
import { batchOf } from '../support/log.ts';

hostedTests();

interface Emf {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly [
      {
        readonly Namespace: string;
        readonly Dimensions: readonly (readonly string[])[];
        readonly Metrics: readonly { readonly Name: MetricName; readonly Unit: string }[];
      },
    ];
  };
}

/** Every line of metrics is as the table has it; what it says, without its envelope. */
const metrics = (): Record<string, unknown>[] =>
  written()
    .filter((line) => '_aws' in line)
    .map((line: Emf & Record<string, unknown>) => {
      const { _aws, ...values } = line;
      const [definition] = _aws.CloudWatchMetrics;
      expect(definition.Namespace).toBe(METRICS_NAMESPACE);
      for (const { Name, Unit } of definition.Metrics) {
        expect(Unit).toBe(METRICS[Name].unit);
        expect(values[Name]).toBeTypeOf('number');
      }
      const named = new Set([
        ...definition.Dimensions.flat(),
        ...definition.Metrics.map((m) => m.Name),
      ]);
      expect(new Set(Object.keys(values))).toEqual(named);
      for (const set of definition.Dimensions) {
        expect([
          [DIMENSIONS.log, DIMENSIONS.function],
          [DIMENSIONS.log, DIMENSIONS.topic],
        ]).toContainEqual(set);
      }
      expect(values.Log).toBe('Test-Log');
      return { sets: definition.Dimensions.length, ...values };
    });
describe('metrics', () => {
  it('are one line for a topic that is named, and name the function only for others', async () => {
    host();
    await create('orders');
    await create('quiet');
    expect(written()).toEqual([]);
    const batch = batchOf(['one', 'two']);
    await ask(produceHandler, 'POST', '/topics/orders/records', batch, {
      'content-type': BATCHES_MEDIA_TYPE,
    });
    await produce('quiet', ['three']);
    expect(metrics()).toEqual([
      {
        sets: 2,
        Log: 'Test-Log',
        Function: 'produce',
        Topic: 'orders',
        MessagesIn: 2,
        BytesIn: batch.length,
      },
      { sets: 1, Log: 'Test-Log', Function: 'produce', MessagesIn: 1, BytesIn: expect.any(Number) },
    ]);
    await ask(fetchHandler, 'GET', '/topics/orders/partitions/0/records');
    await ask(fetchHandler, 'GET', '/topics/orders/partitions/1/records');
    expect(metrics()).toEqual([
      { sets: 2, Log: 'Test-Log', Function: 'fetch', Topic: 'orders', BytesOut: batch.length },
    ]);
  });

  it('tell topics of one request apart', async () => {
    host();
    for (const topic of ['orders', 'quiet', 'clicks']) await create(topic);
    const offsets = [
      ...['orders', 'orders', 'quiet', 'clicks'].map((topic, i) => ({
        topic,
        partition: i % 2,
        offset: 0,
      })),
      { topic: 'clicks', partition: 9, offset: 0 },
    ];
    await ask(commitHandler, 'POST', '/groups/g/offsets', { offsets });
    expect(metrics()).toEqual([
      { sets: 1, Log: 'Test-Log', Function: 'commit', OffsetsCommitted: 4 },
      { sets: 1, Log: 'Test-Log', Topic: 'orders', OffsetsCommitted: 2 },
      { sets: 1, Log: 'Test-Log', Topic: 'clicks', OffsetsCommitted: 1 },
    ]);
  });

  it('count failures by partition, before the broker and in it', async () => {
    host();
    await create('orders');
    const refused = { Log: 'Test-Log', Function: 'produce', Topic: 'orders', sets: 2 };
    await ask(produceHandler, 'POST', '/topics/orders/records', { records: 'none' });
    await ask(produceHandler, 'POST', '/topics/orders/records', {
      records: [{ value: 'v', partition: 7 }],
    });
    await ask(produceHandler, 'POST', '/topics/nowhere/records', { records: [{ value: 'v' }] });
    const partitions = [0, 8, 9].map((partition) => ({ partition, offset: 0 }));
    await ask(fetchHandler, 'POST', '/topics/orders/fetch', { partitions });
    expect(metrics()).toEqual([
      { ...refused, FailedProduceRequests: 1 },
      { ...refused, FailedProduceRequests: 1 },
      { sets: 1, Log: 'Test-Log', Function: 'produce', FailedProduceRequests: 1 },
      { ...refused, Function: 'fetch', FailedFetchRequests: 2 },
    ]);
  });

  it('count what is throttled as that, too, by whatever way it is told', async () => {
    const error = new StratalogError('THROTTLING_QUOTA_EXCEEDED', 'Not now.');
    const topic = topicName('orders');
    const part = {
      topic,
      partition: 0,
      baseOffsets: [-1],
      logStartOffset: -1,
      logAppendTime: -1,
      error,
    };
    const broker = meteredBroker({
      produce: async () => [part],
      fetch: () => Promise.reject(error),
    } as unknown as Broker);
    const tally = newTally();
    await tallying(tally, async () => {
      await broker.produce({ topic, partitions: [{ partition: 0, batches: new Uint8Array(3) }] });
      const partitions = [0, 1].map((partition) => ({ topic, partition, offset: 0 }));
      await expect(broker.fetch({ partitions })).rejects.toBe(error);
    });
    expect(tally.counts.get('orders')).toEqual({
      FailedProduceRequests: 1,
      FailedFetchRequests: 2,
      ThrottledRequests: 3,
    });
  });

  it('are counted apart where an environment takes several requests at once', async () => {
    host();
    await create('orders');
    await create('clicks');
    const sent = Array.from({ length: 20 }, (_, i) => ({
      topic: i % 2 ? 'orders' : 'clicks',
      size: i + 1,
    }));
    await Promise.all(sent.map(({ topic, size }) => produce(topic, Array(size).fill('v'))));
    const told = metrics().map(({ Topic, MessagesIn }) => `${Topic} ${MessagesIn}`);
    expect(told.sort()).toEqual(sent.map(({ topic, size }) => `${topic} ${size}`).sort());
  });
});
