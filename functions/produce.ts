/** Lambda entry: append records to a topic. */
import { createApp } from '../lib/http/app.ts';
import { lambdaHandler } from '../lib/http/events.ts';
import { produceHandlers } from '../lib/http/produce.ts';
import { services } from './runtime.ts';

export const handler = lambdaHandler(createApp<'produce'>(produceHandlers(services)));
