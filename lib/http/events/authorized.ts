/**
 * What was authorised is what is done.
 *
 *   the client sent      GET /topics/a%2Foffsets
 *   the gateway chose    GET /topics/{topic}, and asked IAM for that
 *   the function sees    /topics/a/offsets, which is another route
 *
 * So where an event tells its route, the path must lead to the same one in our own table, with the same
 * parameters. No legal name needs an escape, and nobody else has one to lose.
 */
import { StratalogError } from '../../model/errors.ts';
import { routesAt } from '../routes.ts';
import { shown } from '../validate.ts';
import type { Incoming } from './shape.ts';

/** @throws INVALID_REQUEST when the route that was authorised and the one that the path names differ */
export const refuseOtherRoute = ({ method, path, authorized }: Incoming): void => {
  if (authorized === undefined) return;
  // HEAD is served as the GET of its path.
  const served = method === 'HEAD' ? 'GET' : method;
  const route = routesAt(path).find((candidate) => candidate.method === served);
  // Nothing will be done: the app says what is wrong with the path or the method.
  if (route === undefined) return;
  const isSame =
    route.path === authorized.template &&
    (authorized.method === method || authorized.method === 'ANY') &&
    hasParameters(path, route.path, authorized.parameters);
  if (isSame) return;
  throw new StratalogError(
    'INVALID_REQUEST',
    `The gateway authorised ${shown(`${authorized.method} ${authorized.template}`)}, and the path ${shown(path)} names ${route.method} ${route.path}. Send the path without percent-escapes; a gateway of your own must declare each route as OpenAPI lists it.`,
    { context: { route: route.name, authorized: authorized.template } },
  );
};

const hasParameters = (
  path: string,
  template: string,
  parameters: Readonly<Record<string, string | undefined>> | undefined,
): boolean => {
  if (parameters === undefined) return true;
  const segments = path.split('/');
  return template
    .split('/')
    .every((part, i) => !part.startsWith('{') || parameters[part.slice(1, -1)] === segments[i]);
};
