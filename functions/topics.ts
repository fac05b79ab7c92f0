/** Lambda entry: topics and what is done to them as a whole; the installation and its health. */
import { clusterHandlers } from '../lib/http/cluster.ts';
import { deleteRecordsHandlers } from '../lib/http/delete-records.ts';
import { docsHandlers } from '../lib/http/docs.ts';
import { topicChangesHandlers } from '../lib/http/topic-changes.ts';
import { topicsHandlers } from '../lib/http/topics.ts';
import { served, services } from './runtime.ts';

export const handler = served('topics', {
  ...topicsHandlers(services),
  ...topicChangesHandlers(services),
  ...deleteRecordsHandlers(services),
  ...clusterHandlers(services),
  ...docsHandlers(),
});
