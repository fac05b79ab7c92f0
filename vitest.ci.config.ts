import { defineConfig } from 'vitest/config';

/** Suites that take long, or need what not every machine has: a terminal multiplexer, shells, a browser. `.ci/run` installs it. */
export default defineConfig({
  test: {
    include: ['test/ci/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
