import { defineConfig } from 'vitest/config';
import { InOrder } from './test/e2e/order.ts';

/** The deployed stack, by `npm run test:e2e`: `test/e2e/main.ts` makes sure that there is somewhere to deploy it, and starts this. */
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    sequence: { sequencer: InOrder },
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
