/** The group that a path names. */
import { groupOfSegment } from '../model/group-path.ts';
import type { GroupId } from '../model/ids.ts';

/** `.` and `..` as they arrive where URL parsing must not see them: made visible by `events.ts`. */
const DOTS = /^(%2e){1,2}$/i;

/** @throws INVALID_GROUP_ID unless it is spelled as `groupSegment` spells it */
export const groupParameter = (request: { param(name: string): string | undefined }): GroupId => {
  const segment = request.param('group') ?? '';
  return groupOfSegment(DOTS.test(segment) ? segment.replaceAll(/%2e/gi, '.') : segment);
};
