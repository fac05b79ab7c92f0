/** A few rounds of the kill test in each fsync mode; `npm run kill` does more. */
import { describe, expect, it } from 'vitest';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { runKillTest } from './run.ts';
import { FSYNC_MODES } from './service.ts';

describe.each(FSYNC_MODES)('the local service with --fsync %s', (fsync) => {
  it('loses nothing that it acknowledged when it is killed', { timeout: 90_000 }, async () => {
    const report = await runKillTest({
      fsync,
      rounds: 3,
      seed: 20_240_229,
      producers: 6,
      partitions: 3,
      maxLoadMs: 900,
      runtime: systemRuntime,
      log: () => {},
    });
    expect(report).toMatchObject({ anomalies: [] });
    expect(report.acknowledged).toBeGreaterThan(0);
  });
});
