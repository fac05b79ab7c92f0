/** Lambda entry: topics and what is done to them as a whole; the installation and its health. */
import { createApp } from '../lib/http/app.ts';
import { clusterHandlers } from '../lib/http/cluster.ts';
import { deleteRecordsHandlers } from '../lib/http/delete-records.ts';
import { docsHandlers } from '../lib/http/docs.ts';
import { lambdaHandler } from '../lib/http/events.ts';
import { topicChangesHandlers } from '../lib/http/topic-changes.ts';
import { topicsHandlers } from '../lib/http/topics.ts';
import { services } from './runtime.ts';

export const handler = lambdaHandler(
  createApp<'topics'>({
    ...topicsHandlers(services),
    ...topicChangesHandlers(services),
    ...deleteRecordsHandlers(services),
    ...clusterHandlers(services),
    ...docsHandlers(),
  }),
);
