/** Changes of a topic over HTTP: its configs, and how many partitions it has. */
import type { z } from 'zod';
import type { HandlersNamed, ServicesSource } from './app.ts';
import { jsonBody } from './body.ts';
import { noQuery, parseQuery } from './query.ts';
import { addPartitionsRequest, alterConfigsRequest } from './schemas/topic.ts';
import { configsAsText, described } from './topic-json.ts';
import { topicParameter } from './topic-parameter.ts';
import { parse } from './validate.ts';

export const topicChangesHandlers = (
  services: ServicesSource,
): HandlersNamed<'alterConfigs' | 'addPartitions'> => ({
  alterConfigs: async (context) => {
    const { broker } = await services();
    const topic = topicParameter(context.req);
    parseQuery(noQuery, context.req);
    const body = await jsonBody(context.req);
    const { set, reset } = parse(alterConfigsRequest, body, 'The body');
    const altered = await broker.alterConfigs({
      topic,
      // As they were sent: the schema's copy lacks `__proto__`, which is to be refused, not dropped.
      ...(set === undefined
        ? {}
        : { set: configsAsText((body as z.input<typeof alterConfigsRequest>).set) }),
      ...(reset === undefined ? {} : { reset }),
    });
    return context.json(described(altered));
  },

  addPartitions: async (context) => {
    const { broker } = await services();
    const topic = topicParameter(context.req);
    parseQuery(noQuery, context.req);
    const { partitions } = parse(addPartitionsRequest, await jsonBody(context.req), 'The body');
    return context.json(described(await broker.addPartitions({ topic, partitions })));
  },
});
