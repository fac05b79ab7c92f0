/**
 * Deletes old records now and then: up to an offset in the older half of a log. Partition 0 is left
 * alone, so that what was written first is looked at until the end; `latest` is not asked for, as an
 * unanswered one would excuse whatever is missing.
 */
import { call, isExpected, jsonOf, outcomeOf, type Problem } from '../calls.ts';
import { type Life, partitionName, pauseBeforeRetry } from '../field.ts';
import { lookUp } from './offsets.ts';

const LONGEST_REST_MS = 1_500;

export const deleter: Life = async (field, process, draw) => {
  const { recorder, runtime, topic, partitions, over } = field;
  for (let left = draw(5, 20); left > 0 && !over.aborted; left--) {
    await runtime.sleep(draw(0, LONGEST_REST_MS), over);
    const partition = draw(1, partitions - 1);
    const start = (await lookUp(field, process, 'earliest', [partition]))?.get(partition);
    const end = (await lookUp(field, process, 'latest', [partition]))?.get(partition);
    if (start === undefined || end === undefined) {
      await pauseBeforeRetry(field, draw);
      continue;
    }
    const before = start + draw(0, Math.max(0, Math.floor((end - start) / 2)));
    const path = `/topics/${topic}/partitions/${partition}/records?before=${before}`;
    const invokedAt = recorder.tick();
    const answer = await call(field, path, { method: 'DELETE' });
    const body = answer && jsonOf<{ readonly logStartOffset: number } & Problem>(answer);
    const isDone = answer?.status === 200;
    if (body && !isDone) isExpected(field, process, body);
    recorder.add({
      process,
      invokedAt,
      outcome: isDone ? 'ok' : body ? outcomeOf(body) : 'info',
      kind: 'delete-records',
      partition: partitionName(field, partition),
      before,
      ...(isDone && { logStart: body!.logStartOffset }),
    });
  }
};
