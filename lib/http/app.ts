/**
 * A Hono app for one Lambda function, built from the table of routes.
 *
 * Every app knows the whole table, so that each can say what is wrong with a request that is not its
 * own: no such path, no such method, or another function's.
 */
import { type Context, Hono } from 'hono';
import type { Broker } from '../broker/api.ts';
import type { Runtime } from '../model/runtime.ts';
import { ProtocolError, problemResponse, unforeseen } from './problem.ts';
import {
  type FunctionName,
  honoPath,
  ROUTES,
  type RouteName,
  type RouteNameOf,
  routesAt,
} from './routes.ts';
import { shown } from './validate.ts';

/** What the handlers work with; chosen by the entry point. */
export interface HttpServices {
  readonly broker: Broker;
  readonly runtime: Runtime;
  /** A fetch never waits longer, whatever it asks for. */
  readonly maxFetchWaitMs: number;
}

/** Asked for on each request, so that a function may connect to its stores on its first. */
export type ServicesSource = () => Promise<HttpServices>;

/** What comes with one request besides HTTP. */
export interface HttpBindings {
  readonly requestId: string;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal | undefined;
}

interface HttpEnv {
  Bindings: HttpBindings;
}

export type HttpApp = Hono<HttpEnv>;
export type Handler = (context: Context<HttpEnv>) => Promise<Response>;
/** Handlers of some routes, by the routes' names. */
export type HandlersNamed<N extends RouteName> = Readonly<Record<N, Handler>>;
/** All that a function needs. */
export type HandlersOf<F extends FunctionName> = HandlersNamed<RouteNameOf<F>>;

/** What is wrong with a request that no handler of this function takes. */
export const refusal = (method: string, path: string): ProtocolError => {
  const routes = routesAt(path);
  const right = routes.find((route) => route.method === method);
  if (right !== undefined) {
    return new ProtocolError(
      404,
      `${method} ${right.path} is served by the function "${right.function}".`,
    );
  }
  if (routes.length > 0) {
    const allow = routes.map((route) => route.method).join(', ');
    return new ProtocolError(405, `${shown(path)} takes ${allow}, not ${method}.`, {
      headers: { allow },
    });
  }
  const paths = [...new Set(ROUTES.map((route) => route.path))].join(', ');
  return new ProtocolError(404, `There is nothing at ${shown(path)}. The paths are ${paths}.`);
};

/** The app of one function. It answers for the routes of the others too: with what is wrong. */
export const createApp = <F extends FunctionName>(handlers: HandlersOf<F>): HttpApp => {
  const app: HttpApp = new Hono();
  for (const route of ROUTES) {
    const handler = (handlers as Partial<Record<RouteName, Handler>>)[route.name];
    if (handler) app.on(route.method, honoPath(route.path), handler);
  }
  app.notFound((context) =>
    problemResponse(refusal(context.req.method, decodeURIComponent(context.req.path))),
  );
  app.onError((error, context) => problemResponse(unforeseen(error, context.env.requestId)));
  return app;
};
