/** Lambda entry: create, list, describe and delete topics; the installation and its health. */
import { createApp } from '../lib/http/app.ts';
import { clusterHandlers } from '../lib/http/cluster.ts';
import { lambdaHandler } from '../lib/http/events.ts';
import { topicsHandlers } from '../lib/http/topics.ts';
import { services } from './runtime.ts';

export const handler = lambdaHandler(
  createApp<'topics'>({ ...topicsHandlers(services), ...clusterHandlers(services) }),
);
