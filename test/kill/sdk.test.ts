/** Twenty kills under one producer and one reader of the SDK; `npm run kill -- --sdk` does more. */
import { expect, it } from 'vitest';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { runSdkKillTest } from './sdk.ts';

it('writes and reads every message once, in order, through 20 kills', {
  timeout: 120_000,
}, async () => {
  const report = await runSdkKillTest({
    fsync: 'interval',
    rounds: 20,
    seed: 20_261_121,
    producers: 1,
    partitions: 4,
    maxLoadMs: 500,
    runtime: systemRuntime,
    log: () => {},
  });
  expect(report).toMatchObject({ anomalies: [], acknowledged: report.sent, found: report.sent });
  expect(report.seenByReader).toBe(report.sent);
  expect(report.sent).toBeGreaterThan(100);
});
