/** The offsets of a consumer group over HTTP: commit and read, without being a member. */
import { topicName } from '../model/ids.ts';
import type { HandlersNamed, ServicesSource } from './app.ts';
import { jsonBody } from './body.ts';
import { groupParameter } from './group-parameter.ts';
import { partsResponse } from './parts-answer.ts';
import { noQuery, parseQuery } from './query.ts';
import { commitOffsetsRequest, fetchOffsetsQuery } from './schemas/group.ts';
import { parse } from './validate.ts';

export const groupOffsetsHandlers = (
  services: ServicesSource,
): HandlersNamed<'commitOffsets' | 'fetchOffsets'> => ({
  commitOffsets: async (context) => {
    const { broker } = await services();
    const group = groupParameter(context.req);
    parseQuery(noQuery, context.req);
    const request = parse(commitOffsetsRequest, await jsonBody(context.req), 'The body');
    const results = await broker.commitOffsets({
      group,
      ...(request.epoch === undefined ? {} : { epoch: request.epoch }),
      offsets: request.offsets.map(({ topic, partition, offset, metadata, leaderEpoch }) => ({
        topic: topicName(topic),
        partition,
        offset,
        ...(metadata === undefined ? {} : { metadata }),
        ...(leaderEpoch === undefined ? {} : { leaderEpoch }),
      })),
    });
    return partsResponse('offsets', results, ({ topic, partition }) => ({ topic, partition }));
  },

  fetchOffsets: async (context) => {
    const { broker } = await services();
    const group = groupParameter(context.req);
    const query = parseQuery(fetchOffsetsQuery, context.req);
    const wanted = query.topic === undefined ? undefined : topicName(query.topic);
    const { epoch, offsets } = await broker.fetchOffsets({ group });
    return partsResponse(
      'offsets',
      offsets.filter(({ topic }) => wanted === undefined || topic === wanted),
      ({ topic, partition, offset, metadata, leaderEpoch }) => ({
        topic,
        partition,
        offset,
        metadata,
        leaderEpoch,
      }),
      { epoch },
    );
  },
});
