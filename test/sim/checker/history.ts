/**
 * What processes asked of a log and were told, as one JSON value a line.
 *
 *   {"partitions":{"events/0":{"compacted":true}}}                                        first line, optional
 *   {"process":"a","invokedAt":1,"completedAt":4,"outcome":"ok","kind":"send",…}           operations,
 *   {"process":"b","invokedAt":2,"completedAt":9,"outcome":"info","kind":"poll",…}         in any order
 *
 * Moments are numbers of one clock that all processes share and that never goes back. What shares a
 * moment counts as overlapping, even of one process: a counter of beginnings and ends sees the most. A
 * process may have several operations under way; numbered sends of one moment were sent in the order
 * of their lines.
 */
import { z } from 'zod';

const moment = z.number();
const offset = z.int().nonnegative();
const partition = z.string().min(1);

/** What every operation says, whatever it is about. */
const call = {
  /** A client that is started again is another process. */
  process: z.string().min(1),
  invokedAt: moment,
  /** Of `info`: when the client gave up waiting; the effect may come later, or never. */
  completedAt: moment,
  /** `fail`: certainly did not happen. `info`: nobody knows; every timeout. */
  outcome: z.enum(['ok', 'fail', 'info']),
};

/** Start and end of a log as an answer told them: offset of the first record, and one after the last. */
const bounds = {
  logStart: offset.exactOptional(),
  logEnd: offset.exactOptional(),
};

/** One value appended. What a batch carries is as many operations of the same two moments. */
const send = z.object({
  ...call,
  kind: z.literal('send'),
  partition,
  /** No other send to this partition has it. */
  value: z.string(),
  producer: z.enum(['plain', 'idempotent', 'expectedEnd']),
  /** Calls made for it, if that is known: a plain producer that made several may append twice. */
  attempts: z.int().positive().exactOptional(),
  /** Where a producer of kind `expectedEnd` wants it. */
  expectedEnd: offset.exactOptional(),
  /** Where it is, if that was told. */
  offset: offset.exactOptional(),
  /** Told with an acknowledgement or, being why, with a refusal. */
  ...bounds,
});

const poll = z.object({
  ...call,
  kind: z.literal('poll'),
  /** One of those that read everything when all has come to rest. */
  final: z.literal(true).exactOptional(),
  /** Partitions that were refused are left out, or the whole poll is `fail`. */
  reads: z.array(
    z.object({
      partition,
      /** The offset asked for. */
      from: offset,
      /** Offset, value and, if told, the epoch of the leader that appended it. */
      records: z.array(
        z.union([z.tuple([offset, z.string(), z.int()]), z.tuple([offset, z.string()])]),
      ),
      ...bounds,
    }),
  ),
});

const listOffsets = z.object({
  ...call,
  kind: z.literal('list-offsets'),
  partitions: z.array(z.object({ partition, ...bounds })),
});

const deleteRecords = z.object({
  ...call,
  kind: z.literal('delete-records'),
  partition,
  /** `latest`: the end of the log when it happens. */
  before: z.union([offset, z.literal('latest')]),
  logStart: offset.exactOptional(),
});

/** What a process reads from now on, and from where; it reads nothing else. */
const assign = z.object({
  ...call,
  kind: z.literal('assign'),
  partitions: z.array(z.object({ partition, from: offset.exactOptional() })),
});

/** A process forgets where it was. */
const crash = z.object({ ...call, kind: z.literal('crash') });

const commit = z.object({
  ...call,
  kind: z.literal('commit'),
  group: z.string(),
  /** Of the group, when its member committed. */
  generation: z.int(),
  partition,
  offset,
});

const operation = z.discriminatedUnion('kind', [
  send,
  poll,
  listOffsets,
  deleteRecords,
  assign,
  crash,
  commit,
]);

/** Facts of partitions that decide what may be missing. */
const header = z.object({
  partitions: z.record(
    partition,
    z.object({
      /** Offsets may be missing: by compaction, or as they mark transactions. */
      compacted: z.literal(true).exactOptional(),
      /** Retention moves the start, too. */
      retained: z.literal(true).exactOptional(),
    }),
  ),
});

export type Operation = z.infer<typeof operation>;
export type Send = z.infer<typeof send>;
export type Poll = z.infer<typeof poll>;
export type Read = Poll['reads'][number];
export type Commit = z.infer<typeof commit>;
export type PartitionFacts = z.infer<typeof header>['partitions'][string];

/** A run, as its processes saw it. */
export interface History {
  /** Of partitions that are not plain logs. */
  readonly partitions?: Readonly<Record<string, PartitionFacts>>;
  /** In any order. */
  readonly operations: readonly Operation[];
}

/** From when on it is certain what came of an operation; never, if nobody was told. */
export const doneAt = ({ outcome, completedAt }: Operation): number =>
  outcome === 'info' ? Number.POSITIVE_INFINITY : completedAt;

const timely = (one: Operation): Operation => {
  const { invokedAt, completedAt } = one;
  if (completedAt >= invokedAt) return one;
  throw new Error(`it ends at ${completedAt}, before it begins at ${invokedAt}`);
};

/** Lines of JSON, each ended. */
export function* formatHistory({ partitions, operations }: History): Generator<string> {
  if (partitions) yield `${JSON.stringify({ partitions })}\n`;
  for (const one of operations) yield `${JSON.stringify(one)}\n`;
}

/** @throws Error that names the line and what is wrong with it */
export const parseHistory = (text: string): History => {
  const operations: Operation[] = [];
  let partitions: History['partitions'];
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '') continue;
    try {
      const value: unknown = JSON.parse(line);
      if (
        index === 0 &&
        typeof value === 'object' &&
        value !== null &&
        'partitions' in value &&
        !('kind' in value)
      ) {
        partitions = header.parse(value).partitions;
      } else {
        operations.push(timely(operation.parse(value)));
      }
    } catch (error) {
      const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
      throw new Error(`line ${index + 1} of the history: ${why}`, { cause: error });
    }
  }
  return { operations, ...(partitions && { partitions }) };
};
