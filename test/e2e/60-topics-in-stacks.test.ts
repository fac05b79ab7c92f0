/** Topics as constructs, in a stack of their own: made, grown, not shrunk. 85 takes them out again. */
import { expect, it } from 'vitest';
import { deployed, outputsOf } from './deployed.ts';
import { deployShop, SHOP, tryToDeployShop } from './shop.ts';

const { as } = await deployed();
const admin = as().admin();

const configsOf = async (topic: string): Promise<Readonly<Record<string, string>>> => {
  const { configs } = await admin.describeTopic(topic);
  return Object.fromEntries(configs.map(({ name, value }) => [name, value]));
};
const partitionsOf = async (topic: string): Promise<number> =>
  (await admin.describeTopic(topic)).partitions.length;

it('are made with the stack', { timeout: 300_000 }, async () => {
  await deployShop({ orders: 2, payments: 1 });
  const { topicId, partitions } = await admin.describeTopic('orders');
  expect(partitions).toHaveLength(2);
  expect((await outputsOf(SHOP)).OrdersId).toBe(topicId);
  expect(await configsOf('orders')).toMatchObject({ 'retention.ms': String(7 * 86_400_000) });
  expect(await configsOf('payments')).toMatchObject({ 'max.message.bytes': '2048' });
});

it('grow with the stack, and keep what is in them', { timeout: 300_000 }, async () => {
  await using producer = as().producer();
  await producer.send({ topic: 'orders', messages: [{ value: 'tea', partition: 1 }] });
  const { topicId } = await admin.describeTopic('orders');
  await deployShop({ orders: 5, payments: 1 });
  const grown = await admin.describeTopic('orders');
  expect(grown.topicId).toBe(topicId);
  expect(grown.partitions.map(({ logEndOffset }) => logEndOffset)).toEqual([0, 1, 0, 0, 0]);
});

it('never shrink: the deployment fails, says why, and changes nothing', {
  timeout: 300_000,
}, async () => {
  const { code, said } = await tryToDeployShop({ orders: 3, payments: 4 });
  expect(code).not.toBe(0);
  expect(said).toMatch(/orders.*5 partitions/s);
  expect(await partitionsOf('orders')).toBe(5);
});
