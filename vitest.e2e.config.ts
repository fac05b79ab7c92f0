import { defineConfig } from 'vitest/config';

/** The deployed stack, by `npm run test:e2e`: `test/e2e/main.ts` says in what it is deployed, and starts this. */
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
