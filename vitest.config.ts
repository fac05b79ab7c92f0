import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Where files take the better part of a minute: one that begins last would keep a single core busy at the end. */
const LONG = /\/test\/(replay|cli|verbs|docs\.test)/;

class LongOnesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => LONG.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // They need what not every machine has, and have a configuration of their own: `vitest.*.config.ts`.
    exclude: [...configDefaults.exclude, 'test/{ci,stores,e2e,package}/**'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // The default leaves one core to the editor; most of the time here goes to worlds that only compute.
    maxWorkers: '100%',
    sequence: { sequencer: LongOnesFirst },
  },
});
