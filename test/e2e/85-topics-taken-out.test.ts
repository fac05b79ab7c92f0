/** Topics taken out of their stack: what was to be destroyed is, the rest stays. */
import { expect, it } from 'vitest';
import { failureOf } from '../support/sdk-service.ts';
import { deployed } from './deployed.ts';
import { deployShop, destroyShop } from './shop.ts';

const { as } = await deployed();
const admin = as().admin();

it('go, or stay, as their removal policies say', { timeout: 300_000 }, async () => {
  await deployShop({ orders: 0, payments: 0 });
  const gone = await failureOf(admin.describeTopic('orders'));
  expect(gone).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' });
  expect((await admin.describeTopic('payments')).partitions).toHaveLength(1);
});

it('their stack goes, and leaves what it keeps', { timeout: 300_000 }, async () => {
  await destroyShop();
  expect((await admin.describeTopic('payments')).partitions).toHaveLength(1);
});
