/** Names of the conditions of making, changing and deleting topics. */
export const TOPIC_CONDITIONS = {
  headIsNew: 'head-is-new',
  nameIsFree: 'name-is-free',
  sameTopic: 'same-topic',
  sameState: 'same-state',
  sameRevision: 'same-revision',
  stillClaimed: 'still-claimed',
  topicAsFound: 'topic-as-found',
  floorOnlyGrows: 'floor-only-grows',
} as const;
