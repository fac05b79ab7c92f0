/** Lambda entry: append records to a topic, and give producers their ids. */
import { produceHandlers } from '../lib/http/produce.ts';
import { producersHandlers } from '../lib/http/producers.ts';
import { served, services } from './runtime.ts';

export const handler = served('produce', {
  ...produceHandlers(services),
  ...producersHandlers(services),
});
