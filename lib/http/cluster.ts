/** The installation as a whole over HTTP: what it is called, what it takes, whether it is well. */
import type { z } from 'zod';
import { MAX_DECODED_BODY_BYTES } from '../model/limits.ts';
import type { HandlersNamed, ServicesSource } from './app.ts';
import { MAX_BINARY_BODY_BYTES, MAX_ENCODED_BODY_BYTES } from './payload.ts';
import { noQuery, parseQuery } from './query.ts';
import type { clusterDescription, healthResponse } from './schemas/cluster.ts';

export const clusterHandlers = (
  services: ServicesSource,
): HandlersNamed<'describeCluster' | 'health'> => ({
  describeCluster: async (context) => {
    const { broker } = await services();
    parseQuery(noQuery, context.req);
    return context.json<z.input<typeof clusterDescription>>({
      ...(await broker.describeCluster()),
      maxRequestBytes: {
        encoded: MAX_ENCODED_BODY_BYTES,
        binary: MAX_BINARY_BODY_BYTES,
        decoded: MAX_DECODED_BODY_BYTES,
      },
    });
  },

  health: async (context) => {
    const { broker } = await services();
    parseQuery(noQuery, context.req);
    await broker.checkHealth();
    return context.json<z.input<typeof healthResponse>>({ status: 'ok' });
  },
});
