/**
 * A plain payload of Lambda Invoke:
 *
 *   {method, path, query?, headers?, body?: any JSON value or string, isBase64Encoded?}
 *   → {status, headers, body, isBase64Encoded}
 *
 * Who called is not told: IAM has allowed the function as a whole, and with it every topic.
 */
import * as z from 'zod';
import { refuseDeepNesting } from '../nesting.ts';
import { parse } from '../validate.ts';
import { headersOf, headerValues, type Shape } from './shape.ts';

const queryValue = z.union([z.string(), z.number(), z.boolean()]);

const invokeEvent = z.looseObject({
  method: z.string({ error: 'must be a string, such as "POST"' }),
  path: z.string({ error: 'must be a string, such as "/topics"' }),
  query: z.record(z.string(), queryValue).optional(),
  headers: headerValues.optional(),
  body: z.unknown().optional(),
  isBase64Encoded: z.boolean().default(false),
});

/** Whatever is no gateway's event. */
export const invoke: Shape = {
  matches: () => true,
  read: (event) => {
    refuseDeepNesting(event, 'The payload');
    const { method, path, query, headers, body, isBase64Encoded } = parse(
      invokeEvent,
      event,
      'The payload',
    );
    const pairs = new URLSearchParams();
    for (const [name, value] of Object.entries(query ?? {})) pairs.append(name, String(value));
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return {
      method: method.toUpperCase(),
      path,
      query: pairs.toString(),
      headers: headersOf(headers),
      body: text ? { text, isBase64: isBase64Encoded } : undefined,
      origin: { via: 'invoke' },
    };
  },
  answer: (status, headers, body, isBase64Encoded) => ({ status, headers, body, isBase64Encoded }),
};
