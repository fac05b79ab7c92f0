/**
 * Lambda entry: topics as resources of CloudFormation, `Custom::StratalogTopic`.
 *
 *   properties   Name, Partitions, Configs (Kafka's names and values as strings), Removal: retain | destroy
 *   Ref          NAME/TOPIC-ID
 *   attributes   Name, TopicId
 *
 * CloudFormation is always answered: by what was done, by what is wrong with the request or the
 * function's settings, or shortly before the function's time is up. Only what could not be answered
 * fails, and Lambda brings it again.
 */
import { asStratalogError } from '../lib/model/errors.ts';
import { systemRuntime } from '../lib/model/runtime.ts';
import { answerRequest, type ResourceOutcome } from './cloudformation/answer.ts';
import { NOT_CREATED, type ResourceRequest, resourceRequestOf } from './cloudformation/request.ts';
import { isIdle, topicResource } from './cloudformation/topic.ts';
import { createLog, told } from './lambda/log.ts';
import { services } from './runtime.ts';

/** What it uses of Lambda's context. */
export interface ResourceContext {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

/** For the answer, its retries included. */
const ANSWER_TIME_MS = 10_000;

const outcomeOf = async (request: ResourceRequest, leftMs: number): Promise<ResourceOutcome> => {
  const physicalId = request.PhysicalResourceId ?? NOT_CREATED;
  if (isIdle(request)) return { status: 'SUCCESS', physicalId };
  const { broker, runtime } = await services();
  const deadlineMs = runtime.monotonicMs() + leftMs;
  const done = new AbortController();
  const tooLate = runtime.sleep(leftMs, done.signal).then(() => {
    throw new Error(
      `The topic could not be dealt with in ${leftMs} ms; some of it may have been done. Deploy again, and give the function topic-resource a longer timeout if it happens again.`,
    );
  });
  tooLate.catch(() => {});
  try {
    const working = { broker, runtime, deadlineMs };
    return {
      status: 'SUCCESS',
      ...(await Promise.race([topicResource(working, request), tooLate])),
    };
  } finally {
    done.abort();
  }
};

/** Takes CloudFormation's request. Rejects when it could not be answered, or when there is nobody to answer. */
export const handler = async (event: unknown, context: ResourceContext): Promise<void> => {
  const log = createLog(process.env);
  const request = resourceRequestOf(event);
  const { LogicalResourceId, RequestType, StackId, PhysicalResourceId } = request;
  const about = {
    function_name: 'topic-resource',
    function_request_id: context.awsRequestId,
    stack: StackId,
    resource: LogicalResourceId,
    request: RequestType,
  };
  const leftMs = Math.max(0, context.getRemainingTimeInMillis() - ANSWER_TIME_MS);
  const outcome = await outcomeOf(request, leftMs).catch((error: unknown): ResourceOutcome => {
    log.error({ message: 'A topic was refused.', ...about, errors: [told(error)] });
    const reason = asStratalogError(error).message;
    return { status: 'FAILED', physicalId: PhysicalResourceId ?? NOT_CREATED, reason };
  });
  await answerRequest(request, outcome, systemRuntime);
  log.info({ message: 'A topic was dealt with.', ...about, status: outcome.status });
};
