/** Topics, through the deployed API: made, described, listed, changed, grown, deleted. */
import { expect, it } from 'vitest';
import { failureOf } from '../support/sdk-service.ts';
import { deployed, newName } from './deployed.ts';

const { as, newTopic } = await deployed();
const admin = as().admin();

const maxBytesOf = async (topic: string): Promise<string | undefined> =>
  (await admin.describeTopic(topic)).configs.find(({ name }) => name === 'max.message.bytes')
    ?.value;

it('makes a topic, and describes it as it was made', async () => {
  const name = newName();
  const configs = { 'max.message.bytes': '65536' };
  const made = await admin.createTopic({ name, partitions: 3, configs });
  expect(await admin.describeTopic(name)).toEqual(made);
  expect(made.partitions.map(({ logEndOffset }) => logEndOffset)).toEqual([0, 0, 0]);
  expect(await maxBytesOf(name)).toBe('65536');
});

it('lists topics, each once', async () => {
  const made = await Promise.all([newTopic(), newTopic(), newTopic(7)]);
  const listed = await admin.listTopics();
  const names = listed.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(expect.arrayContaining(made));
  expect(listed.find(({ name }) => name === made[2])).toMatchObject({ partitions: 7 });
});

it('changes a config, and takes it back', async () => {
  const topic = await newTopic();
  const standard = await maxBytesOf(topic);
  await admin.alterConfigs({ topic, set: { 'max.message.bytes': '2048' } });
  expect(await maxBytesOf(topic)).toBe('2048');
  await admin.alterConfigs({ topic, reset: ['max.message.bytes'] });
  expect(await maxBytesOf(topic)).toBe(standard);
});

it('adds partitions, and never takes any away', async () => {
  const topic = await newTopic(2);
  await admin.addPartitions({ topic, partitions: 5 });
  expect((await admin.describeTopic(topic)).partitions).toHaveLength(5);
  const refusal = await failureOf(admin.addPartitions({ topic, partitions: 4 }));
  expect(refusal).toMatchObject({ code: 'INVALID_PARTITIONS', effect: 'none' });
});

it('deletes a topic, whose name is free at once for another one', async () => {
  const name = await newTopic();
  await using producer = as().producer();
  await producer.send({ topic: name, messages: [{ value: 'of the first' }] });
  await admin.deleteTopic(name);
  const refusal = await failureOf(admin.describeTopic(name));
  expect(refusal).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' });
  await admin.createTopic({ name });
  expect((await admin.describeTopic(name)).partitions).toMatchObject([{ logEndOffset: 0 }]);
});

it('refuses a name that is taken', async () => {
  const name = await newTopic();
  const refusal = await failureOf(admin.createTopic({ name }));
  expect(refusal).toMatchObject({ code: 'TOPIC_ALREADY_EXISTS', effect: 'none' });
});

it('describes itself', async () => {
  const { clusterId, maxRequestBytes } = await admin.describeCluster();
  expect(clusterId).toMatch(/^[\w-]{22}$/);
  expect(maxRequestBytes.binary).toBeGreaterThan(4 * 1024 * 1024);
});
