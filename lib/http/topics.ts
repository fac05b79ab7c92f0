/** Topics over HTTP: create, list, describe, delete. */
import type { z } from 'zod';
import { partitionCount, topicName } from '../model/ids.ts';
import type { HandlersNamed, ServicesSource } from './app.ts';
import { jsonBody } from './body.ts';
import { noQuery, parseQuery } from './query.ts';
import { createTopicRequest, listTopicsQuery, type listTopicsResponse } from './schemas/topic.ts';
import { configsAsText, described } from './topic-json.ts';
import { topicParameter } from './topic-parameter.ts';
import { parse } from './validate.ts';

export const topicsHandlers = (
  services: ServicesSource,
): HandlersNamed<'createTopic' | 'listTopics' | 'describeTopic' | 'deleteTopic'> => ({
  createTopic: async (context) => {
    const { broker } = await services();
    parseQuery(noQuery, context.req);
    const body = await jsonBody(context.req);
    const request = parse(createTopicRequest, body, 'The body');
    const created = await broker.createTopic({
      name: topicName(request.name),
      partitions: partitionCount(request.partitions),
      // As they were sent: the schema's copy lacks `__proto__`, which is to be refused, not dropped.
      configs: configsAsText((body as z.input<typeof createTopicRequest>).configs),
    });
    return context.json(described(created), 201, { location: `/topics/${created.name}` });
  },

  listTopics: async (context) => {
    const { broker } = await services();
    const { after, limit } = parseQuery(listTopicsQuery, context.req);
    const page = await broker.listTopics({
      ...(after === undefined ? {} : { after }),
      ...(limit === undefined ? {} : { limit }),
    });
    return context.json<z.input<typeof listTopicsResponse>>({ ...page, topics: [...page.topics] });
  },

  describeTopic: async (context) => {
    const { broker } = await services();
    parseQuery(noQuery, context.req);
    const topic = await broker.describeTopic(topicParameter(context.req));
    return context.json(described(topic));
  },

  deleteTopic: async (context) => {
    const { broker } = await services();
    parseQuery(noQuery, context.req);
    await broker.deleteTopic(topicParameter(context.req));
    return context.body(null, 204);
  },
});
