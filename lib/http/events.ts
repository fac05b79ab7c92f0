/**
 * From a Lambda event to a Request and back, for every shape that the functions take; each is a file of
 * `events/`, and a further one is one more entry of `SHAPES`.
 *
 *   event ── shape ──► what was asked ── is it what was authorised? ──► Request ── app ──► Response ──► answer
 */
import type { StratalogError } from '../model/errors.ts';
import type { HttpApp } from './app.ts';
import { type Encoded, encoded, withoutBody } from './events/answer.ts';
import { refuseOtherRoute } from './events/authorized.ts';
import { gatewayV2 } from './events/gateway-v2.ts';
import { invoke } from './events/invoke.ts';
import { requestOf } from './events/request.ts';
import { restV1 } from './events/rest-v1.ts';
import type { Incoming, Shape } from './events/shape.ts';
import { problemResponse, tellCause, unforeseen } from './problem.ts';

/** What the functions use of Lambda's context. */
export interface InvocationContext {
  readonly awsRequestId: string;
  /** Aborts when the caller has gone; Lambda has no such thing, the local server does. */
  readonly signal?: AbortSignal;
}

/** What became of a request. */
export interface Outcome {
  /** Lambda's id of the invocation. */
  readonly requestId: string;
  /** Absent when the event was no request. */
  readonly incoming?: Incoming;
  readonly status: number;
  /** What the answer is the problem of. */
  readonly error?: StratalogError;
}

/** Is told of each request that was answered; whoever hosts the functions keeps its log with it. */
export type Witness = (outcome: Outcome) => void;

/** Of what went well, and of what we refused, there is nothing to say. */
const tellConsole: Witness = ({ error, requestId }) => tellCause(error, requestId);

const SHAPES: readonly Shape[] = [gatewayV2, restV1, invoke];

/** A Lambda handler. It never rejects: whatever fails is told as a problem. */
export type EventHandler = (event: unknown, context: InvocationContext) => Promise<unknown>;

/** The handler that serves `app`. */
export const lambdaHandler =
  (app: HttpApp, witness: Witness = tellConsole): EventHandler =>
  async (event, { awsRequestId: requestId, signal }) => {
    const fields = typeof event === 'object' && event !== null ? event : {};
    const shape =
      SHAPES.find((candidate) => candidate.matches(fields as Record<string, unknown>)) ?? invoke;
    let incoming: Incoming | undefined;
    const respond = async (): Promise<Encoded> => {
      incoming = shape.read(event);
      refuseOtherRoute(incoming);
      // Asked as GET, because a router that takes HEAD throws the body away before it is measured.
      const isHead = incoming.method === 'HEAD';
      const request = requestOf(isHead ? { ...incoming, method: 'GET' } : incoming);
      const response = await app.fetch(request, { requestId, signal });
      return encoded(isHead ? await withoutBody(response) : response);
    };
    const { status, headers, body, isBase64, error } = await respond().catch((failure: unknown) =>
      encoded(problemResponse(unforeseen(failure, requestId))),
    );
    witness({ requestId, status, ...(incoming && { incoming }), ...(error && { error }) });
    return shape.answer(status, headers, body, isBase64);
  };
