/** Lambda entry: read records of a topic, and where they lie. */
import { fetchHandlers } from '../lib/http/fetch.ts';
import { listOffsetsHandlers } from '../lib/http/list-offsets.ts';
import { served, services } from './runtime.ts';

export const handler = served('fetch', {
  ...fetchHandlers(services),
  ...listOffsetsHandlers(services),
});
