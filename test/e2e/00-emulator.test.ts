/** The emulator ends with whoever started it, however that ended: nothing else would ever stop it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { eventually } from '../contract/engine.ts';

const STARTER = `
  const { startMinistack } = await import('./test/engines/ministack.ts');
  console.log((await startMinistack()).endpoint);
`;

it('the emulator ends with the process that started it, even when that is killed', async () => {
  const starter = spawn(process.execPath, ['--input-type=module', '-e', STARTER], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(starter.stdout.setEncoding('utf8'), 'data');
  const health = new URL('/_ministack/health', String(line).trim());
  expect((await fetch(health)).status).toBe(200);

  starter.kill('SIGKILL');
  await once(starter, 'close');

  await eventually(() => expect(fetch(health)).rejects.toThrow());
});
