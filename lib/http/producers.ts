/** Idempotent producers over HTTP: each gets an id of its own, and counts sequences by partition from 0. */
import type { z } from 'zod';
import type { HandlersNamed, ServicesSource } from './app.ts';
import { optionalJsonBody } from './body.ts';
import { noQuery, parseQuery } from './query.ts';
import { initProducerRequest, type producerIdentity } from './schemas/producer.ts';
import { parse } from './validate.ts';

export const producersHandlers = (services: ServicesSource): HandlersNamed<'initProducer'> => ({
  initProducer: async (context) => {
    const { broker } = await services();
    parseQuery(noQuery, context.req);
    parse(initProducerRequest, await optionalJsonBody(context.req), 'The body');
    const { producerId, producerEpoch } = await broker.initProducer();
    return context.json<z.input<typeof producerIdentity>>({ producerId, producerEpoch }, 201);
  },
});
