/**
 * What is logged of a request, one line of JSON each, and when:
 *
 *   ERROR   it failed by our fault (a status of 500 and more, or a part of it did), with the chain of causes
 *   INFO    it was refused (4xx)
 *   DEBUG   it went well, or is to come again later (429): of those there may be a thousand a second, and a
 *           metric counts them
 *
 * The level is that of POWERTOOLS_LOG_LEVEL, WARN unless it says otherwise: so what goes well and what
 * others did wrong costs nothing, since a kilobyte of log costs more than a request.
 *
 * A line names who asked (as IAM told the gateway), what for, and by which ids it is found elsewhere. It has
 * nothing of bodies, queries and headers in it, and of errors no more than their names, messages and stacks:
 * the items and objects that errors of stores carry are records of somebody. A refusal quotes what was
 * sent, so of that only the code is kept.
 */
import { Logger } from '@aws-lambda-powertools/logger';
import type { Caller, Origin } from '../../lib/http/events/shape.ts';
import type { Outcome } from '../../lib/http/events.ts';
import { HTTP_STATUS } from '../../lib/http/problem.ts';
import { type FunctionName, type Route, routesAt } from '../../lib/http/routes.ts';
import { StratalogError } from '../../lib/model/errors.ts';
import type { Environment } from './settings.ts';

/** One line. Fields beside `message` are free. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly message: string };

/** What the functions use of Powertools' logger. */
export interface Log {
  error(line: LogLine): void;
  warn(line: LogLine): void;
  info(line: LogLine): void;
  debug(line: LogLine): void;
}

/** Those of Powertools, from the most talkative on. */
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL', 'SILENT'] as const;

/**
 * The log of this process; a level that is none is WARN, too. We ask for the level ourselves, because with
 * Lambda's own filter Powertools goes by that one, which has to let metrics pass.
 */
export const createLog = (environment: Environment): Log => {
  const asked = environment.POWERTOOLS_LOG_LEVEL?.toUpperCase();
  const logLevel = LEVELS.find((level) => level === asked) ?? 'WARN';
  const logger = new Logger({
    serviceName: environment.POWERTOOLS_SERVICE_NAME || 'stratalog',
    logLevel,
  });
  const isWanted = (level: (typeof LEVELS)[number]): boolean =>
    LEVELS.indexOf(level) >= LEVELS.indexOf(logLevel);
  return {
    error: (line) => isWanted('ERROR') && logger.error(line),
    warn: (line) => isWanted('WARN') && logger.warn(line),
    info: (line) => isWanted('INFO') && logger.info(line),
    debug: (line) => isWanted('DEBUG') && logger.debug(line),
  };
};

const MAX_CAUSES = 8;
const MAX_MESSAGE_CHARACTERS = 1_000;
const MAX_STACK_CHARACTERS = 2_000;
const MAX_PATH_CHARACTERS = 600;

const textOf = (value: unknown, max: number): string | undefined =>
  typeof value === 'string' ? value.slice(0, max) : undefined;

/** The stack without the message above it. */
const framesOf = ({ stack = '' }: Error): string | undefined => {
  const at = stack.indexOf('\n    at ');
  return at < 0 ? undefined : textOf(stack.slice(at + 1), MAX_STACK_CHARACTERS);
};

/** An error and its causes, by what they are called and say; of AWS's also the ids that its support asks for. */
export const told = (
  error: unknown,
  causesLeft = MAX_CAUSES,
): Readonly<Record<string, unknown>> => {
  if (!(error instanceof Error)) return { message: textOf(String(error), MAX_MESSAGE_CHARACTERS) };
  const { code, effect, $metadata } = error as Error & {
    readonly code?: unknown;
    readonly effect?: unknown;
    readonly $metadata?: { readonly requestId?: string; readonly httpStatusCode?: number };
  };
  return {
    name: error.name,
    message: textOf(error.message, MAX_MESSAGE_CHARACTERS),
    code: textOf(code, MAX_MESSAGE_CHARACTERS),
    effect: textOf(effect, MAX_MESSAGE_CHARACTERS),
    aws_request_id: $metadata?.requestId,
    aws_status: $metadata?.httpStatusCode,
    // Where a StratalogError was made is told by its message.
    stack: error instanceof StratalogError ? undefined : framesOf(error),
    cause:
      error.cause === undefined || causesLeft === 0 ? undefined : told(error.cause, causesLeft - 1),
  };
};

/** The route that a request names, and the names in its path. */
const placeOf = (
  method: string,
  path: string,
): { readonly route?: Route; readonly names: Readonly<Record<string, string>> } => {
  const served = method === 'HEAD' ? 'GET' : method;
  const route = routesAt(path).find((candidate) => candidate.method === served);
  if (route === undefined) return { names: {} };
  const segments = path.split('/');
  const names = route.path
    .split('/')
    .flatMap((part, i) => (part.startsWith('{') ? [[part.slice(1, -1), segments[i]]] : []));
  return { route, names: Object.fromEntries(names) };
};

const callerOf = ({ via, caller }: Origin): Caller | string =>
  caller ?? (via === 'invoke' ? 'not told by Lambda Invoke' : 'not told by the gateway');

/** What there is to say of a request at any level. */
const about = (name: FunctionName, { requestId, status, incoming, error }: Outcome) => ({
  function_name: name,
  function_request_id: requestId,
  status,
  code: error?.code,
  ...(incoming && {
    ...placeFields(incoming.method, incoming.path),
    via: incoming.origin.via,
    gateway_request_id: incoming.origin.gatewayRequestId,
    caller: callerOf(incoming.origin),
  }),
});

const placeFields = (method: string, path: string) => {
  const { route, names } = placeOf(method, path);
  return {
    method,
    ...(route === undefined ? { path: path.slice(0, MAX_PATH_CHARACTERS) } : { route: route.name }),
    topic: names.topic,
    partition: names.partition,
    group: names.group,
  };
};

const isOurs = ({ code }: StratalogError): boolean => HTTP_STATUS[code] >= 500;

/** Logs what became of a request of the function `name`, in whose answer these parts failed. */
export const logOutcome = (
  log: Log,
  name: FunctionName,
  outcome: Outcome,
  failures: readonly StratalogError[],
): void => {
  const { status, error } = outcome;
  const parts = failures.filter((failure) => failure !== error && isOurs(failure));
  const ours = [...(error !== undefined && status >= 500 ? [error] : []), ...parts];
  if (ours.length > 0 || status >= 500) {
    const message = status >= 500 ? 'A request failed.' : 'Part of a request failed.';
    log.error({ message, ...about(name, outcome), errors: ours.map((one) => told(one)) });
  } else if (status >= 400 && status !== HTTP_STATUS.THROTTLING_QUOTA_EXCEEDED) {
    log.info({ message: 'A request was refused.', ...about(name, outcome) });
  } else {
    const message = status >= 400 ? 'A request was throttled.' : 'A request was served.';
    log.debug({ message, ...about(name, outcome) });
  }
};
