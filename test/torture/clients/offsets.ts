/** Where partitions begin and end, as a client asks and a history tells. */
import { call, isExpected, jsonOf, outcomeOf, type Problem } from '../calls.ts';
import { type Field, partitionName } from '../field.ts';

interface OffsetsAnswer {
  readonly partitions?: readonly {
    readonly partition: number;
    readonly offset?: number;
    readonly error?: Problem;
  }[];
}

/** The offset of each partition that was told; undefined: nothing was. */
export const lookUp = async (
  field: Field,
  process: string,
  at: 'earliest' | 'latest',
  partitions?: readonly number[],
): Promise<ReadonlyMap<number, number> | undefined> => {
  const { recorder, topic } = field;
  const wanted = partitions === undefined ? '' : `&partitions=${partitions.join(',')}`;
  const invokedAt = recorder.tick();
  const answer = await call(field, `/topics/${topic}/offsets?at=${at}${wanted}`);
  const asked = { process, invokedAt, kind: 'list-offsets' as const };
  const body = answer && jsonOf<OffsetsAnswer & Problem>(answer);
  if (!body || answer.status !== 200) {
    if (body) isExpected(field, process, body);
    recorder.add({ ...asked, outcome: body ? outcomeOf(body) : 'info', partitions: [] });
    return undefined;
  }
  const found = new Map<number, number>();
  for (const { partition, offset, error } of body.partitions ?? []) {
    if (offset !== undefined) found.set(partition, offset);
    if (error) isExpected(field, process, error);
  }
  const bound = at === 'earliest' ? 'logStart' : 'logEnd';
  recorder.add({
    ...asked,
    outcome: 'ok',
    partitions: [...found].map(([partition, offset]) => ({
      partition: partitionName(field, partition),
      [bound]: offset,
    })),
  });
  return found;
};
