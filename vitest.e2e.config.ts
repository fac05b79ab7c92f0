import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** In the order of their names: the first file deploys, the last destroys, and each finds what those before it left. */
class InOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((one, other) => (one.moduleId < other.moduleId ? -1 : 1));
  }
}

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
