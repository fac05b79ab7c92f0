/**
 * One way for each rule to make a correct history wrong: what a log with that fault would have told.
 *
 * A way lists the places where it can be taken, each as the change that it makes.
 */
import type { RuleName } from './check.ts';
import type { History, Operation, Poll, Read, Send } from './history.ts';

type Change = () => void;
type Record = Read['records'][number];
type Told = Send & { offset: number };

const sendsOf = ({ operations }: History): readonly Send[] =>
  operations.filter((one) => one.kind === 'send');

const toldOf = (history: History): readonly Told[] =>
  sendsOf(history).filter((one): one is Told => one.outcome === 'ok' && one.offset !== undefined);

const pollsOf = ({ operations }: History): readonly Poll[] =>
  operations.filter((one) => one.kind === 'poll' && one.outcome === 'ok') as Poll[];

interface Got {
  readonly poll: Poll;
  readonly read: Read;
  readonly record: Record;
  readonly index: number;
}

const recordsOf = (history: History): readonly Got[] =>
  pollsOf(history).flatMap((poll) =>
    poll.reads.flatMap((read) =>
      read.records.map((record, index) => ({ poll, read, record, index })),
    ),
  );

const looksOf = (history: History) =>
  history.operations.flatMap((by) =>
    by.kind === 'list-offsets' && by.outcome === 'ok'
      ? by.partitions.map((told) => ({ by, told, partition: told.partition }))
      : [],
  );

/** Where the start of a partition may have come to. */
const highestStart = ({ operations }: History, partition: string): number =>
  operations.reduce((top, one) => {
    if (one.kind !== 'delete-records' || one.partition !== partition) return top;
    const latest = one.logStart ?? Number.POSITIVE_INFINITY;
    return Math.max(top, one.before === 'latest' ? latest : one.before);
  }, 0);

const isKept = (history: History, partition: string, offset: number): boolean =>
  offset >= highestStart(history, partition);

/** Takes a record out of every poll, or out of those that are final. */
const hide = (history: History, partition: string, offset: number, isFinalOnly: boolean) => {
  for (const poll of pollsOf(history)) {
    if (isFinalOnly && !poll.final) continue;
    for (const read of poll.reads) {
      if (read.partition === partition) {
        read.records = read.records.filter((record) => record[0] !== offset);
      }
    }
  }
};

/** Pairs of which the first was over before the second began. */
const inTurn = <One extends Operation>(
  operations: readonly One[],
  goTogether: (a: One, b: One) => boolean,
): readonly (readonly [One, One])[] =>
  operations.flatMap((b) =>
    operations
      .filter((a) => a.completedAt < b.invokedAt && goTogether(a, b))
      .map((a) => [a, b] as const),
  );

const swapOffsets = (a: Told, b: Told): void => {
  [a.offset, b.offset] = [b.offset, a.offset];
};

const starts = (history: History) => [
  ...looksOf(history).map(({ by, told }) => ({ by: by as Operation, ...told })),
  ...pollsOf(history).flatMap((by) => by.reads.map((read) => ({ by: by as Operation, ...read }))),
];

/** Where a history can be made wrong in the way of a rule. */
export const TAMPERING: {
  readonly [name in RuleName]: (history: History) => readonly Change[];
} = {
  'inconsistent offset': (history) => {
    const values = new Map(toldOf(history).map((one) => [one.value, one.offset]));
    return recordsOf(history).flatMap(({ read, record, index }) => {
      const next = read.records[index + 1];
      if (!next || values.get(record[1]) !== record[0] || next[1] === record[1]) return [];
      return () => {
        record[1] = next[1];
      };
    });
  },
  duplicate: (history) => {
    const single = toldOf(history).filter((one) => one.producer !== 'plain' || one.attempts === 1);
    const lasts = pollsOf(history).filter(
      (poll) => poll.final && poll.reads[0]!.records.length > 0,
    );
    return single.flatMap(({ partition, value }) => {
      const read = lasts.findLast((poll) => poll.reads[0]!.partition === partition)?.reads[0];
      return read ? () => read.records.push([read.records.at(-1)![0] + 1, value]) : [];
    });
  },
  'aborted read': (history) => {
    const read = new Set(recordsOf(history).map(({ record }) => record[1]));
    return toldOf(history)
      .filter(({ value }) => read.has(value))
      .map((send: Send) => () => {
        send.outcome = 'fail';
        delete send.offset;
      });
  },
  phantom: (history) =>
    recordsOf(history).map(({ record }) => () => {
      record[1] = 'nobody sent this';
    }),
  'lost write': (history) => {
    const tops = new Map<string, number>();
    for (const { read, record } of recordsOf(history)) {
      tops.set(read.partition, Math.max(record[0], tops.get(read.partition) ?? 0));
    }
    return toldOf(history)
      .filter((one) => one.offset < (tops.get(one.partition) ?? 0))
      .filter((one) => isKept(history, one.partition, one.offset))
      .map((one) => () => hide(history, one.partition, one.offset, false));
  },
  unseen: (history) =>
    toldOf(history)
      .filter((one) => isKept(history, one.partition, one.offset))
      .map((one) => () => hide(history, one.partition, one.offset, true)),
  'poll skip': (history) => {
    const offsets = new Map(toldOf(history).map((one) => [one.value, one.offset]));
    return recordsOf(history)
      .filter(({ read, record, index }) => {
        const isInside = index > 0 && index + 1 < read.records.length;
        const isKnown = offsets.get(record[1]) === record[0];
        return isInside && isKnown && isKept(history, read.partition, record[0]);
      })
      .map(
        ({ read, index }) =>
          () =>
            read.records.splice(index, 1),
      );
  },
  'non-monotonic poll': (history) =>
    recordsOf(history)
      .filter(({ index }) => index > 0)
      .map(
        ({ read, record, index }) =>
          () =>
            read.records.splice(index - 1, 2, record, read.records[index - 1]!),
      ),
  'non-monotonic send': (history) =>
    inTurn(toldOf(history), (a, b) => a.process === b.process && a.partition === b.partition).map(
      ([a, b]) =>
        () =>
          swapOffsets(a, b),
    ),
  cycle: (history) => {
    const sends = new Map(sendsOf(history).map((one) => [one.value, one]));
    return recordsOf(history).map(({ poll, record }) => () => {
      const send = sends.get(record[1])!;
      send.invokedAt = poll.completedAt + 0.5;
      send.completedAt = Math.max(send.completedAt, send.invokedAt);
    });
  },
  gap: (history) => {
    const sends = new Map(sendsOf(history).map((one) => [one.value, one]));
    return recordsOf(history)
      .filter(({ read, index }) => index > 0 && index + 1 < read.records.length)
      .filter(({ read, record }) => isKept(history, read.partition, record[0]))
      .map(({ read, record }) => () => {
        const send = sends.get(record[1])!;
        send.outcome = 'info';
        delete send.offset;
        hide(history, read.partition, record[0], false);
      });
  },
  'epoch order': (history) =>
    recordsOf(history)
      .filter(({ index }) => index > 0)
      .map(({ record }) => () => {
        record[2] = -1;
      }),
  'real-time order': (history) =>
    inTurn(toldOf(history), (a, b) => a.process !== b.process && a.partition === b.partition).map(
      ([a, b]) =>
        () =>
          swapOffsets(a, b),
    ),
  'stale tail': (history) => {
    const sends = toldOf(history);
    return looksOf(history).flatMap(({ by, told, partition }) =>
      sends
        .filter((one) => one.partition === partition && one.completedAt < by.invokedAt)
        .map(({ offset }) => () => {
          told.logEnd = offset;
        }),
    );
  },
  'zombie commit': ({ operations }) => {
    const commits = operations.filter((one) => one.kind === 'commit' && one.outcome === 'ok');
    return inTurn(commits as (Operation & { kind: 'commit' })[], () => true).map(([a, b]) => () => {
      b.generation = a.generation - 1;
    });
  },
  'expected end': (history) =>
    toldOf(history)
      .filter(({ producer }) => producer === 'expectedEnd')
      .map((send) => () => {
        send.expectedEnd = send.offset + 1;
      }),
  'deleted read': (history) => {
    const told = starts(history).filter(({ logStart = 0 }) => logStart > 0);
    return looksOf(history).flatMap((look) =>
      told
        .filter(({ partition }) => partition === look.partition)
        .filter(({ by }) => by.completedAt < look.by.invokedAt)
        .map(({ logStart }) => () => {
          look.told.logStart = logStart! - 1;
        }),
    );
  },
  'early start': (history) =>
    looksOf(history)
      .filter(({ partition }) => Number.isFinite(highestStart(history, partition)))
      .map(({ told, partition }) => () => {
        told.logStart = highestStart(history, partition) + 1;
      }),
  linearizability: (history) => {
    const sends = toldOf(history);
    return looksOf(history).flatMap(({ by, told, partition }) =>
      sends
        .filter((one) => one.partition === partition && one.offset === told.logEnd)
        .filter((one) => one.invokedAt > by.completedAt)
        .map(({ offset }) => () => {
          told.logEnd = offset + 1;
        }),
    );
  },
};
