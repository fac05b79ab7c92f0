/** Where the partitions of a topic begin, end, or have a time, over HTTP. */
import type { HandlersNamed, ServicesSource } from './app.ts';
import { partsResponse } from './parts-answer.ts';
import { parseQuery } from './query.ts';
import { listOffsetsQuery } from './schemas/offsets.ts';
import { topicParameter } from './topic-parameter.ts';

export const listOffsetsHandlers = (services: ServicesSource): HandlersNamed<'listOffsets'> => ({
  listOffsets: async (context) => {
    const { broker } = await services();
    const topic = topicParameter(context.req);
    const { at, partitions } = parseQuery(listOffsetsQuery, context.req);
    const asked = partitions ?? [...Array((await broker.topicLimits(topic)).partitions).keys()];
    const results = await broker.listOffsets({
      partitions: asked.map((partition) => ({ topic, partition, at })),
    });
    return partsResponse('partitions', results, ({ partition, offset, timestamp, error }) =>
      error === undefined ? { partition, offset, timestamp } : { partition },
    );
  },
});
