/**
 * The answer to CloudFormation: a PUT to a signed URL. Without one a stack waits for an hour, so it is sent
 * whatever happens, and again when it did not arrive.
 */
import type { Runtime } from '../../lib/model/runtime.ts';
import type { ResourceRequest } from './request.ts';

/** What became of a request. */
export interface ResourceOutcome {
  readonly status: 'SUCCESS' | 'FAILED';
  readonly physicalId: string;
  /** Shown to whoever deploys. */
  readonly reason?: string;
  /** What `Fn::GetAtt` gives. */
  readonly data?: Readonly<Record<string, string>>;
}

/** What CloudFormation takes, in all. */
const MAX_ANSWER_BYTES = 4_096;
const MAX_ATTEMPTS = 5;
const FIRST_PAUSE_MS = 250;
/** One PUT of 4 KB. */
const PUT_TIMEOUT_MS = 5_000;

const bodyOf = (request: ResourceRequest, outcome: ResourceOutcome, reason: string): Buffer =>
  Buffer.from(
    JSON.stringify({
      Status: outcome.status,
      Reason: reason,
      PhysicalResourceId: outcome.physicalId,
      StackId: request.StackId,
      RequestId: request.RequestId,
      LogicalResourceId: request.LogicalResourceId,
      NoEcho: false,
      Data: outcome.data ?? {},
    }),
  );

/** The answer with as much of its reason as fits. */
export const answerBody = (request: ResourceRequest, outcome: ResourceOutcome): Buffer => {
  const reason = outcome.reason ?? 'done';
  let body = bodyOf(request, outcome, reason);
  for (let length = reason.length; body.length > MAX_ANSWER_BYTES && length > 0; ) {
    // A character takes at most six bytes, so this comes to an end quickly and leaves little unused.
    length -= Math.max(1, Math.ceil((body.length - MAX_ANSWER_BYTES) / 6));
    body = bodyOf(request, outcome, `${reason.slice(0, Math.max(0, length)).toWellFormed()}…`);
  }
  return body;
};

/** Sends the answer. @throws when it could not be delivered, so that Lambda brings the request once more */
export const answerRequest = async (
  request: ResourceRequest,
  outcome: ResourceOutcome,
  runtime: Runtime,
): Promise<void> => {
  const body = new Uint8Array(answerBody(request, outcome));
  for (let attempt = 1; ; attempt += 1) {
    const problem = await put(request.ResponseURL, body, runtime);
    if (problem === undefined) return;
    if (attempt === MAX_ATTEMPTS || !problem.mayPass) {
      throw new Error(
        `CloudFormation did not take the answer ${outcome.status} for ${request.LogicalResourceId} (${problem.what}, attempt ${attempt}).`,
      );
    }
    await runtime.sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1));
  }
};

interface PutProblem {
  readonly what: string;
  readonly mayPass: boolean;
}

/** As bytes, for which `fetch` sends no content type: the URL is signed without one. */
const put = async (
  url: string,
  body: Uint8Array<ArrayBuffer>,
  runtime: Runtime,
): Promise<PutProblem | undefined> => {
  const timer = new AbortController();
  const answered = new AbortController();
  runtime.sleep(PUT_TIMEOUT_MS, answered.signal).then(() => timer.abort());
  try {
    const { ok, status } = await fetch(url, { method: 'PUT', body, signal: timer.signal });
    return ok ? undefined : { what: `status ${status}`, mayPass: status >= 500 || status === 429 };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { what: String(cause), mayPass: true };
  } finally {
    answered.abort();
  }
};
