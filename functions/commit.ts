/** Lambda entry: offsets of consumer groups. */
import { createApp } from '../lib/http/app.ts';
import { lambdaHandler } from '../lib/http/events.ts';
import { groupOffsetsHandlers } from '../lib/http/group-offsets.ts';
import { services } from './runtime.ts';

export const handler = lambdaHandler(createApp<'commit'>(groupOffsetsHandlers(services)));
