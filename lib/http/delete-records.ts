/** Deletes the records of a partition before an offset, over HTTP. */
import type { z } from 'zod';
import type { HandlersNamed, ServicesSource } from './app.ts';
import { partitionParameter } from './partition-parameter.ts';
import { problemResponse } from './problem.ts';
import { parseQuery } from './query.ts';
import { deleteRecordsQuery, type deleteRecordsResponse } from './schemas/offsets.ts';
import { topicParameter } from './topic-parameter.ts';

export const deleteRecordsHandlers = (
  services: ServicesSource,
): HandlersNamed<'deleteRecords'> => ({
  deleteRecords: async (context) => {
    const { broker } = await services();
    const topic = topicParameter(context.req);
    const partition = partitionParameter(context.req);
    const { before } = parseQuery(deleteRecordsQuery, context.req);
    const [result] = await broker.deleteRecords({ partitions: [{ topic, partition, before }] });
    const { error, logStartOffset } = result!;
    return error === undefined
      ? context.json<z.input<typeof deleteRecordsResponse>>({ partition, logStartOffset })
      : problemResponse(error);
  },
});
