/** Names of the conditions of making, changing and deleting topics. */
export const TOPIC_CONDITIONS = {
  headIsNew: 'head-is-new',
  nameIsFree: 'name-is-free',
  sameTopic: 'same-topic',
  sameRevision: 'same-revision',
  stillClaimed: 'still-claimed',
  stillCreating: 'still-creating',
  topicAsFound: 'topic-as-found',
  floorOnlyGrows: 'floor-only-grows',
} as const;
