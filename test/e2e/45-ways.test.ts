/** The ways of `stratalog/aws` to a deployed log, found by its stack: the SDK and the CLI over each of them. */
import { describe, expect, it } from 'vitest';
import { fromStack } from '../../lib/client/aws/index.ts';
import { Stratalog } from '../../lib/index.ts';
import { runCli } from '../cli/process.ts';
import { failureOf } from '../support/sdk-service.ts';
import { deployed, newName } from './deployed.ts';
import { currentStage } from './stage.ts';

const { stack } = currentStage();
const { endpoint } = await deployed();

describe.each(['http', 'invoke'] as const)('found by its stack, a log by %s', (via) => {
  it('is written to and read from by the SDK', async () => {
    const log = new Stratalog(await fromStack({ stackName: stack, via }));
    const topic = newName();
    const admin = log.admin();
    await admin.createTopic({
      name: topic,
      partitions: 2,
      configs: { 'max.message.bytes': '65536' },
    });
    await using producer = log.producer({ compression: 'gzip' });
    const values = Array.from({ length: 300 }, (_, i) => `${i} ü🎈`);
    await Promise.all(
      values.map((value, i) => producer.send({ topic, messages: [{ value, partition: i % 2 }] })),
    );
    const found: (string | null)[] = [];
    for await (const { value } of log.reader({ topic, until: 'end' })) found.push(value);
    expect(found.toSorted()).toEqual(values.toSorted());

    const group = `billing/ü ${via}`;
    await admin.commitOffsets({ group, offsets: [{ topic, partition: 1, offset: 7 }] });
    const { offsets } = await admin.fetchOffsets({ group, topic });
    expect(offsets.find(({ partition }) => partition === 1)?.offset).toBe(7);
    await admin.deleteTopic(topic);
    const gone = await failureOf(admin.describeTopic(topic));
    expect(gone).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION', effect: 'none' });
  });

  it('is written to and read from by the CLI', async () => {
    const where = ['--stack', stack, ...(via === 'invoke' ? ['--invoke'] : [])];
    const topic = newName();
    expect(await runCli(['topics', 'create', topic, ...where])).toMatchObject({ code: 0, err: '' });
    const written = await runCli(['produce', topic, ...where], undefined, 'one\ntwo\n');
    expect(written).toMatchObject({ code: 0, err: '' });
    expect((await runCli(['consume', topic, ...where])).out).toBe('one\ntwo\n');
    expect((await runCli(['topics', 'delete', topic, ...where])).code).toBe(0);
  });
});

it('signs for the endpoint alone, where its host is one of AWS or a region is given', async () => {
  const { AWS_REGION: region } = process.env;
  const where = ['--endpoint', endpoint, ...(region === undefined ? [] : ['--region', region])];
  expect((await runCli(['topics', 'list', ...where])).code).toBe(0);
});

it('says that a stack is not there', async () => {
  const { code, err } = await runCli(['topics', 'list', '--stack', `no-${stack}`]);
  expect(code).toBe(2);
  expect(err).toMatch(/There is no stack no-/);
});
