/**
 * What the functions of a process work with. Whoever hosts them provides it:
 *
 *   Lambda          functions/lambda/host.ts, which each bundle brings (build.ts)
 *   local service   lib/local/start.ts
 *   tests           a broker of their own
 *
 * So the functions are the same everywhere, and only bundles have the adapters of AWS in them.
 */
import { createApp, type HandlersOf, type HttpServices } from '../lib/http/app.ts';
import { type EventHandler, lambdaHandler, type Witness } from '../lib/http/events.ts';
import type { FunctionName } from '../lib/http/routes.ts';
import { invariant } from '../lib/model/assert.ts';
import { StratalogError } from '../lib/model/errors.ts';

/** Who runs the functions. */
export interface Host {
  /** Asked on each request. @throws StratalogError when there is nothing to work with */
  services(): Promise<HttpServices>;
  /** Runs one invocation of the function `name`, with the witness that logs its outcome. Default: its causes go to the console. */
  observe?<T>(name: FunctionName, invocation: (witness: Witness) => Promise<T>): Promise<T>;
}

let provided: Host | undefined;

/**
 * Has the functions of this process work for this host.
 * @returns ends that
 */
export const provideHost = (host: Host): (() => void) => {
  invariant(provided === undefined, 'one broker per process is provided at a time');
  provided = host;
  return () => {
    if (provided === host) provided = undefined;
  };
};

/**
 * Has the functions of this process use these services.
 * @returns takes them back
 */
export const provideBroker = (services: HttpServices): (() => void) =>
  provideHost({ services: async () => services });

/** @throws UNKNOWN_SERVER_ERROR when nothing was provided, and what the host throws */
export const services = async (): Promise<HttpServices> => {
  if (provided !== undefined) return provided.services();
  throw new StratalogError(
    'UNKNOWN_SERVER_ERROR',
    'Nobody provided the stores that the function works on. In Lambda use the bundle, which brings its own (`npm run build:functions`); elsewhere run the log with `stratalog dev`.',
  );
};

/** The handler of the function `name`, which serves these routes. */
export const served = <F extends FunctionName>(name: F, handlers: HandlersOf<F>): EventHandler => {
  const app = createApp<F>(handlers);
  const unobserved = lambdaHandler(app);
  return (event, context) =>
    provided?.observe === undefined
      ? unobserved(event, context)
      : provided.observe(name, (witness) => lambdaHandler(app, witness)(event, context));
};
