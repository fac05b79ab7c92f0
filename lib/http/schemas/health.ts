/** The answer of the health check. */
import * as z from 'zod';

export const healthResponse = z
  .object({ status: z.literal('ok') })
  .describe('The stores answered a strong read just now.');
