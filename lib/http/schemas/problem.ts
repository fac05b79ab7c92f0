/** Problem details (RFC 9457), as every error is told. */
import * as z from 'zod';
import { ERROR_KINDS, type ErrorCode } from '../../model/errors.ts';

const codes = Object.keys(ERROR_KINDS) as [ErrorCode, ...ErrorCode[]];

export const problemSchema = z
  .looseObject({
    type: z.string().describe('A URN that names the kind of error.'),
    title: z.string().describe('The kind of error in words.'),
    status: z.int().describe('The HTTP status this error alone would have.'),
    detail: z.string().describe('What happened and what to do.'),
    code: z.enum(codes).describe("Kafka's name of the error."),
    retriable: z.boolean().describe('Whether the same call may succeed later.'),
    effect: z
      .enum(['none', 'unknown'])
      .describe('Whether what was asked may have happened although it failed.'),
  })
  .meta({
    description: 'Problem details; members beyond these are the facts of the case.',
    examples: [
      {
        type: 'urn:stratalog:error:OFFSET_OUT_OF_RANGE',
        title: 'Offset out of range',
        status: 416,
        detail: 'The log begins at 0 and ends at 42; there is no offset 99.',
        code: 'OFFSET_OUT_OF_RANGE',
        retriable: false,
        effect: 'none',
        logStartOffset: 0,
        logEndOffset: 42,
      },
    ],
  });

export type Problem = z.infer<typeof problemSchema>;
