/** Lambda entry: offsets of consumer groups. */
import { groupOffsetsHandlers } from '../lib/http/group-offsets.ts';
import { served, services } from './runtime.ts';

export const handler = served('commit', groupOffsetsHandlers(services));
