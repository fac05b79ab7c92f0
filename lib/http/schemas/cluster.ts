/** Answers about the installation as a whole. */
import * as z from 'zod';

export const healthResponse = z
  .object({ status: z.literal('ok') })
  .describe('The stores answered a strong read just now.');

export const clusterDescription = z
  .object({
    clusterId: z.string().describe('As Kafka writes it: 16 random bytes, base64url.'),
    maxBatchBytes: z.int().describe('The largest `max.message.bytes` that a topic can have.'),
    maxPartitionsPerTopic: z.int(),
    maxRequestBytes: z
      .object({
        encoded: z
          .int()
          .describe('Of plain JSON, in which quotes, backslashes and line breaks count twice.'),
        binary: z.int().describe('Of everything else, and of what comes as gzip or zstd.'),
        decoded: z.int().describe('Of what that gzip or zstd stands for.'),
      })
      .describe('What the body of a request may have.'),
  })
  .describe('The installation and its limits.');
