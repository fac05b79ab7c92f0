/** Requests and answers about idempotent producers. */
import * as z from 'zod';
import { objectError } from './text.ts';

export const initProducerRequest = z
  .strictObject({}, objectError('left out, or {}'))
  .describe('Nothing: there is nothing to ask for yet.');

export const producerIdentity = z
  .object({
    producerId: z.int(),
    producerEpoch: z.int(),
  })
  .describe(
    'What an idempotent producer puts into its batches, or into the query of its requests.',
  );
