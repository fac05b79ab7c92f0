import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // They need what not every machine has, and have a configuration of their own: `vitest.*.config.ts`.
    exclude: [...configDefaults.exclude, 'test/{ci,stores,e2e,package}/**'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // The default leaves one core to the editor; most of the time here goes to worlds that only compute.
    maxWorkers: '100%',
  },
});
