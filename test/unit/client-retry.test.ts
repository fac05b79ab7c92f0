/** What the client sends again, what it does not, and what it makes of answers that are not ours. */
import { expect, it } from 'vitest';
import { createAdmin } from '../../lib/client/admin.ts';
import { connectionOver } from '../../lib/client/connection.ts';
import { errorOfProblem, errorOfStatus, errorOfTransport } from '../../lib/client/failures.ts';
import { fetchOnce } from '../../lib/client/fetch.ts';
import { offsetsClient } from '../../lib/client/offsets.ts';
import { topicsClient } from '../../lib/client/topics.ts';
import type { Answer, Exchange, Transport } from '../../lib/client/transport.ts';
import { problemOf } from '../../lib/http/problem.ts';
import { type ErrorCode, StratalogError } from '../../lib/model/errors.ts';
import type { Runtime } from '../../lib/model/runtime.ts';
import { virtualRuntime } from '../support/virtual-runtime.ts';

const ASKED = { method: 'POST', path: '/topics/orders/records' };

const answer = (status: number, body: unknown): Answer => ({
  status,
  contentType: 'application/json',
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  asked: ASKED,
});

const problem = (code: ErrorCode, effect: 'none' | 'unknown' = 'none') => {
  const error = problemOf(new StratalogError(code, 'no', { effect }));
  return answer(error.status, error);
};

/** A transport that plays these answers, the last one for ever, and keeps what was sent. */
const playing = (...answers: (Answer | StratalogError)[]) => {
  const sent: Exchange[] = [];
  const transport: Transport = async (exchange) => {
    const next = answers[Math.min(sent.length, answers.length - 1)]!;
    sent.push(exchange);
    if (next instanceof StratalogError) throw next;
    return next;
  };
  return { sent, transport };
};

const over = (transport: Transport, runtime: Runtime) => connectionOver(transport, { runtime });

const codeOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: StratalogError) => error.code,
  );

it('tries again what is retriable and had no effect, five times at most', async () => {
  const runtime = virtualRuntime(1);
  const busy = problem('THROTTLING_QUOTA_EXCEEDED');
  const passing = playing(busy, busy, answer(200, { topics: [] }));
  await runtime.drive(() => topicsClient(over(passing.transport, runtime)).listTopics());
  expect(passing.sent).toHaveLength(3);
  const lasting = playing(busy);
  const code = await runtime.drive(() =>
    codeOf(topicsClient(over(lasting.transport, runtime)).listTopics()),
  );
  expect([code, lasting.sent.length]).toEqual(['THROTTLING_QUOTA_EXCEEDED', 5]);
});

it.each<[string, Answer | StratalogError]>([
  ['what may have happened', problem('KAFKA_STORAGE_ERROR', 'unknown')],
  ['what will fail again', problem('INVALID_REQUEST')],
  ['a topic that is not there', problem('UNKNOWN_TOPIC_OR_PARTITION')],
  ['a connection that broke on the way', errorOfTransport(new Error('reset'), 'http://x', true)],
])('does not send again: %s', async (_name, failure) => {
  const { sent, transport } = playing(failure);
  await codeOf(
    topicsClient(over(transport, virtualRuntime(1))).createTopic({ name: 't', partitions: 1 }),
  );
  expect(sent).toHaveLength(1);
});

it('tells each partition of a fetch its own error even when all failed', async () => {
  const gone = problemOf(
    new StratalogError('OFFSET_OUT_OF_RANGE', 'no', { context: { offset: 5 } }),
  );
  const { transport } = playing(
    answer(416, { ...gone, partitions: [{ partition: 3, error: gone }] }),
  );
  const results = await fetchOnce(over(transport, virtualRuntime(1)), 't', [
    { partition: 3, offset: 5 },
  ]);
  expect(results[0]).toMatchObject({
    partition: 3,
    error: { code: 'OFFSET_OUT_OF_RANGE', context: { offset: 5 } },
  });
});

it.each([
  [403, '{"message":"Forbidden"}', 'TOPIC_AUTHORIZATION_FAILED', 'none'],
  [404, '{"message":"Not Found"}', 'INVALID_REQUEST', 'none'],
  [413, '{"message":"Request Entity Too Large"}', 'MESSAGE_TOO_LARGE', 'none'],
  [429, '{"message":"Too Many Requests"}', 'THROTTLING_QUOTA_EXCEEDED', 'none'],
  [503, '{"message":"Service Unavailable"}', 'CONNECTION_FAILED', 'unknown'],
  [503, '<html>', 'CONNECTION_FAILED', 'unknown'],
  [504, '{"message":"Endpoint request timed out"}', 'REQUEST_TIMED_OUT', 'unknown'],
  [502, '{"message":"Internal server error"}', 'CONNECTION_FAILED', 'unknown'],
  [500, '{"message":"Internal Server Error"}', 'CONNECTION_FAILED', 'unknown'],
  [500, '', 'UNKNOWN_SERVER_ERROR', 'unknown'],
])('makes an error of a foreign answer: %i %s', async (status, body, code, effect) => {
  const runtime = virtualRuntime(1);
  const { transport } = playing(answer(status, body));
  const error = await runtime.drive(() =>
    topicsClient(over(transport, runtime))
      .createTopic({ name: 't', partitions: 1 })
      .catch((caught: unknown) => caught),
  );
  expect(error).toMatchObject({ code, effect });
});

it('keeps the facts of a problem, and the name of a code it does not know', () => {
  const known = errorOfProblem({
    code: 'OFFSET_OUT_OF_RANGE',
    detail: 'd',
    effect: 'none',
    logEndOffset: 7,
  });
  expect(known).toMatchObject({
    code: 'OFFSET_OUT_OF_RANGE',
    message: 'd',
    context: { logEndOffset: 7 },
  });
  const newer = errorOfProblem({ code: 'FENCED_SOMETHING', detail: 'd' });
  expect(newer).toMatchObject({
    code: 'UNKNOWN_SERVER_ERROR',
    effect: 'unknown',
    context: { code: 'FENCED_SOMETHING' },
  });
});

it('shows what something else answered, but no markup', () => {
  expect(errorOfStatus(502, ' Bad gateway\n', false, ASKED).message).toBe(
    'The service answered 502: Bad gateway',
  );
  const page = '\n<!DOCTYPE html>\n<html><body>Not found</body></html>';
  expect(errorOfStatus(404, page, false, ASKED).message).toBe(
    'The service answered 404: a web page; the endpoint may be that of something else',
  );
});

it('says so when nothing listens, and refuses an endpoint that is none', async () => {
  const admin = createAdmin({
    endpoint: 'http://127.0.0.1:64999',
    retry: { firstPauseMs: 1, maxPauseMs: 1 },
  });
  await expect(admin.listTopics()).rejects.toMatchObject({
    code: 'CONNECTION_FAILED',
    effect: 'none',
  });
  expect(() => createAdmin({ endpoint: 'localhost:8080' })).toThrow(/is not a URL/);
});

it('knows of a call that changes nothing that it had no effect, whatever the service says', async () => {
  const runtime = virtualRuntime(1);
  const { sent, transport } = playing(
    problem('REQUEST_TIMED_OUT', 'unknown'),
    answer(200, { topics: [] }),
  );
  await runtime.drive(() => topicsClient(over(transport, runtime)).listTopics());
  expect(sent).toHaveLength(2);
});

it('is cancelled in a pause too', async () => {
  const runtime = virtualRuntime(1);
  const cancelling = new AbortController();
  const { sent, transport } = playing(problem('THROTTLING_QUOTA_EXCEEDED'));
  const call = () =>
    topicsClient(over(transport, runtime)).listTopics({ signal: cancelling.signal });
  const code = await runtime.drive(() => {
    void runtime.sleep(1).then(() => cancelling.abort());
    return codeOf(call());
  });
  expect([code, sent.length]).toEqual(['CANCELLED', 1]);
});

it('does not take another answer for its own', async () => {
  const { transport } = playing(answer(200, 'another server'));
  const topics = topicsClient(over(transport, virtualRuntime(1)));
  const error = await topics.describeTopic('t').catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'UNKNOWN_SERVER_ERROR', effect: 'none' });
  expect((error as Error).message).toContain('another server');
});

it('takes a network error for one before the request only where it is one of connecting', () => {
  const failure = (facts: object) =>
    errorOfTransport(
      new TypeError('fetch failed', { cause: Object.assign(new Error(), facts) }),
      'http://x',
      true,
    ).effect;
  expect(failure({ code: 'EHOSTUNREACH', syscall: 'connect' })).toBe('none');
  expect(failure({ code: 'ECONNREFUSED', errors: [] })).toBe('none');
  expect(failure({ code: 'ENOTFOUND', syscall: 'getaddrinfo' })).toBe('none');
  // What a connection that was there ends with when the network behind it goes.
  expect(failure({ code: 'EHOSTUNREACH', syscall: 'read' })).toBe('unknown');
  expect(failure({ code: 'ENETUNREACH', syscall: 'write' })).toBe('unknown');
});

it('does not say that no records were deleted when some may have been', async () => {
  const { transport } = playing(
    problem('OFFSET_OUT_OF_RANGE'),
    problem('REQUEST_TIMED_OUT', 'unknown'),
  );
  const offsets = offsetsClient(over(transport, virtualRuntime(1)));
  const partitions = [
    { partition: 0, before: 9 },
    { partition: 1, before: 9 },
  ];
  const error = await offsets.deleteRecords({ topic: 't', partitions }).catch((caught) => caught);
  expect(error).toMatchObject({ code: 'OFFSET_OUT_OF_RANGE', effect: 'unknown' });
});

it('deletes the records of many partitions, not all at a time', async () => {
  const runtime = virtualRuntime(1);
  let underWay = 0;
  let most = 0;
  const transport: Transport = async ({ path }) => {
    underWay += 1;
    most = Math.max(most, underWay);
    await runtime.sleep(1);
    underWay -= 1;
    return answer(200, { partition: Number(path.split('/')[4]), logStartOffset: 1 });
  };
  const partitions = Array.from({ length: 500 }, (_, partition) => ({ partition, before: 1 }));
  const results = await runtime.drive(() =>
    offsetsClient(over(transport, runtime)).deleteRecords({ topic: 't', partitions }),
  );
  expect(results.map(({ partition }) => partition)).toEqual([...partitions.keys()]);
  expect(most).toBeLessThan(50);
});
