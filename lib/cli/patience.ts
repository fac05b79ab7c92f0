/**
 * Riding out a restart of the service: nothing listens for a few seconds.
 *
 *   call ──✗ refused ── pause ── call ──✗ refused ── longer pause ── call ──▶
 *
 * Only what certainly did not arrive is sent again. Each call here includes the client's own attempts,
 * which end within a second; the first question to a service has no more than those, so that whoever
 * names a wrong endpoint learns of it at once.
 */
import { asStratalogError } from '../model/errors.ts';
import type { Runtime } from '../model/runtime.ts';

const PATIENCE_MS = 10_000;
const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 1_000;

/** `call`, again for some ten seconds while the service cannot be reached. @throws the last error */
export const patiently = async <T>(
  call: () => Promise<T>,
  runtime: Runtime,
  signal?: AbortSignal,
): Promise<T> => {
  let untilMs: number | undefined;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
    try {
      return await call();
    } catch (caught) {
      const { code, effect } = asStratalogError(caught);
      untilMs ??= runtime.monotonicMs() + PATIENCE_MS;
      const isOver = runtime.monotonicMs() + pauseMs > untilMs;
      if (code !== 'CONNECTION_FAILED' || effect !== 'none' || isOver) throw caught;
      await runtime.sleep(pauseMs, signal);
      if (signal?.aborted) throw caught;
    }
  }
};
