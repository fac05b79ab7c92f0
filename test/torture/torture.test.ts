/** A few rounds of the torture in each fsync mode; `npm run torture` does more. */
import { expect, it } from 'vitest';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { FSYNC_MODES } from '../support/local-service.ts';
import { httpCrowd } from './crowd.ts';
import { torture } from './run.ts';

it.each(FSYNC_MODES)(
  'fsync %s: the service stands by all it told, killed and halted',
  {
    timeout: 180_000,
  },
  async (fsync) => {
    const report = await torture({
      fsync,
      rounds: 3,
      // A kill, a kill at the start, a clean stop, and halts, one of them longer than the clients wait: what
      // 120 draws, and each mode counts on from its seed.
      seed: 120 - FSYNC_MODES.indexOf(fsync),
      faults: new Set(['kill', 'stop']),
      crowd: httpCrowd,
      maxLoadMs: 150,
      runtime: systemRuntime,
    });
    expect(report).toMatchObject({ anomalies: {}, surprises: [] });
    expect(report).toMatchObject({ kills: 2, killedAtStart: 1, stops: 3, cleanStops: 3 });
    expect(report.acknowledged).toBeGreaterThan(0);
  },
);
