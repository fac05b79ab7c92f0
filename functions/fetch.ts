/** Lambda entry: read records of a topic. */
import { createApp } from '../lib/http/app.ts';
import { lambdaHandler } from '../lib/http/events.ts';
import { fetchHandlers } from '../lib/http/fetch.ts';
import { services } from './runtime.ts';

export const handler = lambdaHandler(createApp<'fetch'>(fetchHandlers(services)));
