import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    // The default leaves one core to the editor; most of the time here goes to worlds that only compute.
    maxWorkers: '100%',
  },
});
