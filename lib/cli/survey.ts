/**
 * Looking at all topics again and again without being a burden.
 *
 *   a look:  the list (every tenth time) ─▶ describe as many topics as their partitions allow, in turn
 *
 * A describe reads every partition of its topic, so partitions are what is rationed. With more than that
 * the topics take turns, and each rate is that of the time since its own last turn.
 */
import type { TopicDescription, TopicSummary } from '../client/topics.ts';
import { asStratalogError, StratalogError } from '../model/errors.ts';

/** Partitions looked at in one round; one topic is always looked at, whatever it has. */
export const PARTITIONS_PER_ROUND = 1_000;
/** Topics described in one round, at most. */
export const TOPICS_PER_ROUND = 100;
const DESCRIBES_IN_FLIGHT = 4;
const ROUNDS_PER_LIST = 10;

/** What a survey asks. */
interface Topics {
  listTopics(): Promise<readonly TopicSummary[]>;
  describeTopic(name: string): Promise<TopicDescription>;
}

export interface Survey {
  /** Looks at the topics whose turn it is, and calls `seen` with each. @throws when the service fails, and first when a topic asked for is not there */
  round(seen: (topic: TopicDescription) => void): Promise<void>;
  /** Of the last list. */
  readonly names: ReadonlySet<string>;
  /** Topics looked at in the last round. */
  readonly looked: number;
}

/** The topics from `first` on, going round, as many as a round may have. */
const turnOf = (all: readonly TopicSummary[], first: number): readonly TopicSummary[] => {
  const turn: TopicSummary[] = [];
  let partitions = 0;
  for (let i = 0; i < Math.min(all.length, TOPICS_PER_ROUND); i += 1) {
    const topic = all[(first + i) % all.length]!;
    partitions += topic.partitions;
    if (turn.length > 0 && partitions > PARTITIONS_PER_ROUND) break;
    turn.push(topic);
  }
  return turn;
};

/** @param only the topics to look at; empty: all */
export const survey = (topics: Topics, only: readonly string[]): Survey => {
  let all: readonly TopicSummary[] = [];
  let rounds = 0;
  let first = 0;
  let looked = 0;

  const list = async () => {
    const found = await topics.listTopics();
    const missing = only.find((name) => found.every((topic) => topic.name !== name));
    if (rounds === 0 && missing !== undefined) {
      throw new StratalogError(
        'UNKNOWN_TOPIC_OR_PARTITION',
        `There is no topic ${missing}. stratalog topics list tells which there are.`,
        { context: { topic: missing } },
      );
    }
    all = only.length === 0 ? found : found.filter(({ name }) => only.includes(name));
  };
  /** A topic may go between the list and its turn. */
  const describe = async (name: string): Promise<TopicDescription | undefined> => {
    try {
      return await topics.describeTopic(name);
    } catch (caught) {
      if (asStratalogError(caught).code === 'UNKNOWN_TOPIC_OR_PARTITION') return undefined;
      throw caught;
    }
  };

  return {
    round: async (seen) => {
      if (rounds % ROUNDS_PER_LIST === 0) await list();
      const turn = turnOf(all, first);
      const waiting = turn.values();
      const work = async () => {
        for (const { name } of waiting) {
          const topic = await describe(name);
          if (topic === undefined) all = all.filter((each) => each.name !== name);
          else seen(topic);
        }
      };
      await Promise.all(Array.from({ length: DESCRIBES_IN_FLIGHT }, work));
      rounds += 1;
      looked = turn.length;
      first = all.length === 0 ? 0 : (first + turn.length) % all.length;
    },
    get names() {
      return new Set(all.map(({ name }) => name));
    },
    get looked() {
      return looked;
    },
  };
};
