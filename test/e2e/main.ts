/**
 * The deployed stack, proven end to end: `npm run test:e2e`.
 *
 * Where `AWS_ENDPOINT_URL` names nothing it starts an emulator.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startMinistack } from '../engines/ministack.ts';

const ministack = await startMinistack();
try {
  const vitest = spawn('vitest', ['run', '--config', 'vitest.e2e.config.ts'], {
    env: ministack.environment,
    stdio: 'inherit',
  });
  const [status] = await once(vitest, 'close');
  process.exitCode = status;
} finally {
  await ministack.close();
}
