/**
 * What a gateway in front of the service says of its own accord, without asking the service.
 *
 *   403 {"message":"Forbidden"}                 no policy allows it, or it was not signed (HTTP API)
 *   403 {"message":"Missing Authentication …"}  not signed, or no such route (REST API)
 *   403 {"Message":"User: … is not authorized …"}, {"message":"The request signature …"}, …
 *   404 {"message":"Not Found"}                 no such route: it is another API's gateway
 *   413, 429                                    too large, too many: the service never saw it
 *   500, 502, 503, 504                          the function failed or was too slow: nobody knows
 */
import type { ErrorCode } from '../model/errors.ts';

/** A request as a policy names it. */
export interface Asked {
  readonly method: string;
  /** From the endpoint on. */
  readonly path: string;
  /** The key that signed it, the service and the region: `AKIA… for execute-api in eu-central-1`. */
  readonly signedAs?: string;
}

/** Set on a refusal by a `fetch` that signs: `signedAs`. */
export const SIGNED_AS_HEADER = 'x-stratalog-signed-as';

/** The message of an answer in a gateway's form. */
export const gatewayMessage = (body: string): string | undefined => {
  if (!body.startsWith('{')) return undefined;
  try {
    const { message, Message } = JSON.parse(body) as Readonly<Record<string, unknown>>;
    const said = message ?? Message;
    return typeof said === 'string' ? said : undefined;
  } catch {
    return undefined;
  }
};

/** What AWS says when it cannot tell who calls: a missing, damaged, late or foreign signature. */
const OF_AUTHENTICATION = /authentication token|security token|signature|credential/i;

/** What a REST API says of a path that it does not have, too. */
const UNSIGNED = /missing authentication token/i;

/** Kafka's code for a refusal: who calls is not known, or may not do this to a topic, a group, the log. */
export const refusalCode = (said: string, { path, signedAs }: Asked): ErrorCode =>
  signedAs !== undefined && UNSIGNED.test(said)
    ? 'INVALID_REQUEST'
    : OF_AUTHENTICATION.test(said)
      ? 'SASL_AUTHENTICATION_FAILED'
      : path.startsWith('/topics/')
        ? 'TOPIC_AUTHORIZATION_FAILED'
        : path.startsWith('/groups/')
          ? 'GROUP_AUTHORIZATION_FAILED'
          : 'CLUSTER_AUTHORIZATION_FAILED';

/** What a policy must allow: of an API each path by itself, of a function's own URL all or nothing. */
export const permissionOf = ({ method, path, signedAs }: Asked): string =>
  signedAs?.includes(' for lambda ')
    ? 'lambda:InvokeFunctionUrl'
    : `execute-api:Invoke on …/${method}${path.replace(/\?.*/s, '')}`;

/** Whether the host is this machine, where nobody is asked who they are. */
export const isLoopback = (hostname: string): boolean =>
  /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i.test(hostname);
