import { configDefaults, defineConfig } from 'vitest/config';

const { AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL_S3 } = process.env;
const endpoint = AWS_ENDPOINT_URL ?? AWS_ENDPOINT_URL_DYNAMODB ?? AWS_ENDPOINT_URL_S3;
const unnamed = endpoint === undefined ? ['test/stores/endpoint.test.ts'] : [];

/** The contracts of the stores on every engine that there is: `test/stores/main.ts` runs it, and reports. */
export default defineConfig({
  test: {
    include: ['test/stores/**/*.test.ts', 'test/contract/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...unnamed],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One engine at a time: their speed is part of what is tried.
    fileParallelism: false,
  },
});
