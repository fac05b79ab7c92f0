/** Sends each request once, as JSON, to several partitions, and never again. */
import type { Operation } from '../../sim/checker/history.ts';
import { call, isExpected, jsonOf, jsonRequest, outcomeOf, type Problem } from '../calls.ts';
import { type Life, partitionName, pause, pauseBeforeRetry } from '../field.ts';
import { drawSizes, valueFor } from '../value.ts';

interface RecordAnswer {
  readonly offset?: number;
  readonly error?: Problem;
}

export const plainProducer: Life = async (field, process, draw) => {
  const { recorder, topic, partitions, over } = field;
  let n = 0;
  for (let left = draw(20, 150); left > 0 && !over.aborted; left--) {
    const sent = drawSizes(draw).map((sizeBytes) => ({
      id: `${process}.${n++}.${sizeBytes}`,
      partition: draw(0, partitions - 1),
    }));
    const records = sent.map(({ id, partition }) => ({ value: valueFor(id), partition }));
    const invokedAt = recorder.tick();
    const answer = await call(field, `/topics/${topic}/records`, jsonRequest({ records }));
    const body = answer && jsonOf<{ readonly records: readonly RecordAnswer[] } & Problem>(answer);
    const isWritten = answer?.status === 200;
    recorder.add(
      ...sent.map(({ id, partition }, index) => {
        const { offset, error } = isWritten ? body!.records[index]! : { error: body };
        if (error) isExpected(field, process, error);
        const outcome: Operation['outcome'] =
          offset === undefined ? outcomeOf(error ?? { code: '' }) : 'ok';
        return {
          process,
          invokedAt,
          outcome,
          kind: 'send' as const,
          partition: partitionName(field, partition),
          value: id,
          producer: 'plain' as const,
          attempts: 1,
          ...(offset !== undefined && { offset }),
        };
      }),
    );
    await (isWritten ? pause : pauseBeforeRetry)(field, draw);
  }
};
