/** The topic that a path names. */
import { type TopicName, topicName } from '../model/ids.ts';

/** `.` and `..`, also with dots percent-encoded, as they arrive where URL parsing must not see them. */
const DOTS = /^(\.|%2e){1,2}$/i;

/**
 * The topic in the path of `request`. Nothing is decoded that could be legal: only the two names of
 * dots are told as what they are.
 * @throws INVALID_TOPIC_EXCEPTION
 */
export const topicParameter = (request: { param(name: string): string | undefined }): TopicName => {
  const name = request.param('topic') ?? '';
  return topicName(DOTS.test(name) ? name.replaceAll(/%2e/gi, '.') : name);
};
