/** The partition that a path names. */
import { partitionNumber } from './schemas/fetch.ts';
import { parse } from './validate.ts';

/** @throws INVALID_REQUEST unless it is a whole number */
export const partitionParameter = (request: { param(name: string): string | undefined }): number =>
  parse(partitionNumber, { partition: request.param('partition') }, 'The path').partition;
