import { configDefaults, defineConfig } from 'vitest/config';
import { namedEndpoints } from './test/stores/endpoints.ts';

const namesNone = Object.keys(namedEndpoints()).length === 0;

/** The contracts of the stores on every engine that there is: `test/stores/main.ts` runs it, and reports. */
export default defineConfig({
  test: {
    include: ['test/stores/**/*.test.ts', 'test/contract/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(namesNone ? ['test/stores/endpoint.test.ts'] : [])],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One engine at a time: their speed is part of what is tried.
    fileParallelism: false,
  },
});
