/** A few kills under one producer and one reader of the SDK; `npm run torture -- --sdk` does more. */
import { expect, it } from 'vitest';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { sdkCrowd } from './clients/sdk.ts';
import { torture } from './run.ts';

it('the SDK writes and reads every message once, in order, through the kills', {
  timeout: 180_000,
}, async () => {
  const report = await torture({
    fsync: 'interval',
    rounds: 12,
    seed: 20_261_121,
    faults: new Set(['kill']),
    crowd: sdkCrowd,
    maxLoadMs: 250,
    runtime: systemRuntime,
  });
  expect(report).toMatchObject({ anomalies: {}, surprises: [] });
  expect(report.byKind.send).toEqual({ ok: report.acknowledged, fail: 0, info: 0 });
  expect(report.acknowledged).toBeGreaterThan(100);
  expect(report.kills).toBeGreaterThan(5);
});
