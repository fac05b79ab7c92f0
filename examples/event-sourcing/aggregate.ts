/**
 * An aggregate in one partition: its events are the truth, and its state what follows from them.
 *
 *   read what is new ─► decide, on the state ─► append, if nothing was appended meanwhile
 *          ▲                                                   │
 *          └───────────── UNEXPECTED_LOG_END ◄─────────────────┘
 *
 * Whoever loses the race has changed nothing, reads what the winner wrote, and decides again on a
 * state that is true. So a rule that holds for one writer holds for any number of them.
 */
import { json, type Stratalog, StratalogError } from 'stratalog';

export interface Aggregate<State, Event> {
  /**
   * Appends what `decide` makes of the state, which may be nothing; resolves with it. `decide` is
   * called again when somebody else was faster.
   */
  execute(decide: (state: State) => readonly Event[]): Promise<readonly Event[]>;
  /** How often somebody else was faster. */
  readonly conflicts: number;
  close(): Promise<void>;
}

export const openAggregate = <State, Event>(
  log: Stratalog,
  topic: string,
  partition: number,
  initial: State,
  evolve: (state: State, event: Event) => State,
): Aggregate<State, Event> => {
  const producer = log.producer({ value: json<Event>() });
  let state = initial;
  let end = 0;
  let conflicts = 0;

  const readWhatIsNew = async (): Promise<void> => {
    const reader = log.reader({
      topic,
      partitions: [partition],
      from: { offset: end },
      until: 'end',
      value: json<Event>(),
    });
    for await (const { offset, value } of reader) {
      if (value !== null) state = evolve(state, value);
      end = offset + 1;
    }
  };

  return {
    execute: async (decide) => {
      for (;;) {
        await readWhatIsNew();
        const events = decide(state);
        if (events.length === 0) return [];
        try {
          const messages = events.map((value) => ({ value }));
          await producer.send({ topic, partition, messages, expectedEnd: end });
          return events;
        } catch (error) {
          if (!(error instanceof StratalogError && error.code === 'UNEXPECTED_LOG_END'))
            throw error;
          conflicts += 1;
        }
      }
    },
    get conflicts() {
      return conflicts;
    },
    close: () => producer.close(),
  };
};
