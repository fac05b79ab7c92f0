/** Lambda entry: read records of a topic, and where they lie. */
import { createApp } from '../lib/http/app.ts';
import { lambdaHandler } from '../lib/http/events.ts';
import { fetchHandlers } from '../lib/http/fetch.ts';
import { listOffsetsHandlers } from '../lib/http/list-offsets.ts';
import { services } from './runtime.ts';

export const handler = lambdaHandler(
  createApp<'fetch'>({ ...fetchHandlers(services), ...listOffsetsHandlers(services) }),
);
