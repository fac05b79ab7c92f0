import { defineConfig } from 'vitest/config';

/** The package as it is published: packed, installed where nothing of this repository is, and used. Needs the registry. */
export default defineConfig({
  test: {
    include: ['test/package/**/*.test.ts'],
    globalSetup: ['./test/package/pack.ts'],
    testTimeout: 300_000,
    hookTimeout: 600_000,
    // npm and tsc take all there is.
    fileParallelism: false,
  },
});
