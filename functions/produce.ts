/** Lambda entry: append records to a topic, and give producers their ids. */
import { createApp } from '../lib/http/app.ts';
import { lambdaHandler } from '../lib/http/events.ts';
import { produceHandlers } from '../lib/http/produce.ts';
import { producersHandlers } from '../lib/http/producers.ts';
import { services } from './runtime.ts';

export const handler = lambdaHandler(
  createApp<'produce'>({ ...produceHandlers(services), ...producersHandlers(services) }),
);
