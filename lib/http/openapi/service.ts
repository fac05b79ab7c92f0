/** The routes of the installation itself, in words. */
import * as z from 'zod';
import { clusterDescription, healthResponse } from '../schemas/cluster.ts';
import type { Operation } from './operation.ts';

export const SERVICE_OPERATIONS = {
  describeCluster: {
    tag: 'Service',
    summary: 'Describe the installation',
    description: 'Its id, and the limits that clients need to know.',
    answer: {
      status: 200,
      description: 'The installation.',
      content: {
        'application/json': {
          schema: clusterDescription,
          example: {
            clusterId: 'bm90IGEgcmVhbCBpZA',
            maxBatchBytes: 4_194_304,
            maxPartitionsPerTopic: 10_000,
            maxRequestBytes: { encoded: 6_225_920, binary: 4_669_440, decoded: 16_777_216 },
          },
        },
      },
    },
    errors: [],
  },
  health: {
    tag: 'Service',
    summary: 'Ask whether the service is well',
    description: 'Reads from the stores.',
    answer: {
      status: 200,
      description: 'It is.',
      content: { 'application/json': { schema: healthResponse, example: { status: 'ok' } } },
    },
    errors: [],
  },
  openApi: {
    tag: 'Service',
    summary: 'Get this document',
    description:
      'OpenAPI 3.1, made from the table of routes and the schemas that requests are checked by.',
    answer: {
      status: 200,
      description: 'The document.',
      content: {
        'application/json': {
          schema: z.looseObject({ openapi: z.string() }),
          example: { openapi: '3.1.1' },
        },
      },
    },
    errors: [],
  },
  docs: {
    tag: 'Service',
    summary: 'Read this document as a page',
    description: 'Needs nothing from elsewhere.',
    answer: { status: 200, description: 'The page.', content: { 'text/html': { format: 'text' } } },
    errors: [],
  },
  docsAsset: {
    tag: 'Service',
    summary: 'Get a file of the page',
    description: 'Script and style.',
    answer: {
      status: 200,
      description: 'The file.',
      content: { 'text/javascript': { format: 'text' }, 'text/css': { format: 'text' } },
    },
    errors: [],
  },
} as const satisfies Record<string, Operation>;
