/**
 * Group: the runs that one head update commits, in their order.
 *
 *   queue   r1 r2 r3 │ r4 …            r1, r2 adjacent in one object, no producer → one entry
 *   entries [r1 r2] [r3]               a producer's runs are judged by its rank as they are taken
 *
 * A run with an expected end lands there only as the first of its group; others may follow it.
 *
 * Forming is pure: (queue, view of the head) → (group, what is refused, where it stopped). Once sent,
 * a group is not changed until its outcome is known.
 */
import { MAX_ENTRIES_PER_UPDATE, SEAL_TARGET_AGE_MS } from '../../model/limits.ts';
import type { Runtime } from '../../model/runtime.ts';
import { add, append, type Change, set, setIfAbsent, type Update } from '../../storage/algebra.ts';
import { HEAD, type Head } from '../../storage/keys/head.ts';
import { type EntryFacts, encodeEntry } from '../entry.ts';
import { advanceSequence, judgeSequence, type Refusal } from '../rank.ts';
import { walTime } from '../wal.ts';
import { appendConditions, type Claim } from './once.ts';
import type { ProducerSequence, Run, WalPlace } from './run.ts';

/** A run whose bytes are durable, or small enough to go into the head itself. */
export interface PlacedRun {
  readonly run: Run;
  readonly place: WalPlace | 'inline';
}

export interface Group {
  readonly runs: readonly PlacedRun[];
  readonly recordCount: number;
  readonly entries: readonly Uint8Array[];
  readonly entriesBytes: number;
  /** Runs of each entry. */
  readonly runsOfEntry: readonly (readonly PlacedRun[])[];
  /** An `end` of the head read before the group is first sent. */
  readonly seen: number;
  readonly update: Required<Update>;
}

/** What is known of a partition when a group is formed. */
export interface GroupView {
  readonly head: Head;
  /** Ranks of producers that the head does not have, read after it; absent: never heard of. */
  readonly departed: ReadonlyMap<number, number>;
}

/** Why a view does not let a run in: the producer's rank, or the log ends elsewhere than it is to. */
export type Verdict =
  | Refusal
  | {
      readonly kind: 'unexpected-end';
      readonly expectedEnd: number;
      readonly logEndOffset: number;
    };

/** The first run of the queue, which the view does not let in. */
export interface Refused {
  readonly placed: PlacedRun;
  readonly verdict: Verdict;
}

/**
 * Whether no later view can tell more: ranks only grow. A duplicate stays one, but where it is may be told
 * by a later view alone, the rank having been read after this one. An end that has moved on does not come
 * back, but whoever is told of it goes on from there, and is better told where it is now.
 */
export const isFinal = (verdict: Verdict): boolean => verdict.kind === 'old-epoch';

interface EntryDraft {
  readonly runs: PlacedRun[];
  bytes: number;
  records: number;
  maxTimestamp: number;
}

/**
 * A group of as many runs from the front of `queue` as one update carries; or the first one, refused.
 * The queue is not empty.
 */
export const formGroup = (
  queue: readonly PlacedRun[],
  view: GroupView,
  runtime: Pick<Runtime, 'now' | 'randomBytes'>,
): Group | Refused => {
  const drafts: EntryDraft[] = [];
  const ranks = new Map<number, number>();
  const claims: Claim[] = [];

  for (const placed of queue) {
    const { run } = placed;
    const last = drafts.at(-1);
    const joins = last !== undefined && continues(last.runs.at(-1)!, placed);
    if (!joins && drafts.length === MAX_ENTRIES_PER_UPDATE) break;
    if (drafts.length > 0 && run.expectedEnd !== undefined) break;
    if (run.producer !== undefined) {
      const { producerId } = run.producer;
      const rankInHead = view.head.producers[producerId];
      const known = ranks.get(producerId) ?? rankInHead ?? view.departed.get(producerId);
      const verdict = judgeSequence(known, run.producer);
      if (verdict.kind !== 'next') {
        // Behind others it is judged again once they are through: it may repeat one of them.
        if (drafts.length === 0) return { placed, verdict };
        break;
      }
      if (!ranks.has(producerId)) claims.push({ producerId, rankInHead });
      ranks.set(producerId, verdict.rank);
    }
    // After the producer's rank: what is in the log already is told so, wherever that ends now.
    const { expectedEnd } = run;
    if (expectedEnd !== undefined && expectedEnd !== view.head.end) {
      const logEndOffset = view.head.end;
      return { placed, verdict: { kind: 'unexpected-end', expectedEnd, logEndOffset } };
    }
    if (joins) {
      last.runs.push(placed);
      last.bytes += run.bytes.length;
      last.records += run.recordCount;
      last.maxTimestamp = Math.max(last.maxTimestamp, run.maxTimestamp);
    } else {
      drafts.push({
        runs: [placed],
        bytes: run.bytes.length,
        records: run.recordCount,
        maxTimestamp: run.maxTimestamp,
      });
    }
  }
  return buildGroup(drafts, claims, ranks, view.head.end, runtime);
};

/** Whether `next` can share the entry of `last`: the same producer's next run, in the adjacent place. */
const continues = (last: PlacedRun, next: PlacedRun): boolean => {
  if (last.place === 'inline' || next.place === 'inline') {
    if (last.place !== next.place) return false;
  } else {
    if (last.place.objectId !== next.place.objectId) return false;
    if (last.place.position + last.run.bytes.length !== next.place.position) return false;
  }
  const [before, after] = [last.run.producer, next.run.producer];
  if (before === undefined || after === undefined) return before === after;
  return (
    before.producerId === after.producerId &&
    before.producerEpoch === after.producerEpoch &&
    after.firstSequence > before.firstSequence &&
    advanceSequence(before.firstSequence, before.recordCount) === after.firstSequence
  );
};

const buildGroup = (
  drafts: readonly EntryDraft[],
  claims: readonly Claim[],
  ranks: ReadonlyMap<number, number>,
  seen: number,
  runtime: Pick<Runtime, 'now' | 'randomBytes'>,
): Group => {
  const entries = drafts.map((draft) => encodeEntry(entryFacts(draft, runtime)));
  const entriesBytes = entries.reduce((sum, entry) => sum + entry.length, 0);
  const recordCount = drafts.reduce((sum, draft) => sum + draft.records, 0);
  const batchBytes = drafts.reduce((sum, draft) => sum + draft.bytes, 0);
  const objectTimes = drafts.flatMap(({ runs: [first] }) =>
    first === undefined || first.place === 'inline' ? [] : [walTime(first.place.objectId)],
  );
  const change: Change[] = [
    add(HEAD.end, recordCount),
    add(HEAD.bytes, batchBytes),
    add(HEAD.unsealedBytes, batchBytes),
    add(HEAD.tailBytes, entriesBytes),
    append(HEAD.tail, entries),
    setIfAbsent(HEAD.dueAt, runtime.now() + SEAL_TARGET_AGE_MS),
  ];
  for (const [producerId, rank] of ranks) {
    change.push(set([HEAD.producers, String(producerId)], rank));
  }
  return {
    runs: drafts.flatMap((draft) => draft.runs),
    recordCount,
    entries,
    entriesBytes,
    runsOfEntry: drafts.map((draft) => draft.runs),
    seen,
    update: {
      if: appendConditions({
        mark: entries[0]!,
        seen,
        oldestObjectMs: objectTimes.length === 0 ? undefined : Math.min(...objectTimes),
        claims,
        expectedEnd: drafts[0]!.runs[0]!.run.expectedEnd,
      }),
      change,
    },
  };
};

const entryFacts = (draft: EntryDraft, runtime: Pick<Runtime, 'randomBytes'>): EntryFacts => {
  const first = draft.runs[0]!;
  const producer: ProducerSequence | undefined = first.run.producer;
  return {
    sizeBytes: draft.bytes,
    recordCount: draft.records,
    maxTimestamp: draft.maxTimestamp,
    producer:
      producer === undefined
        ? undefined
        : {
            id: producer.producerId,
            epoch: producer.producerEpoch,
            firstSequence: producer.firstSequence,
          },
    place:
      first.place === 'inline'
        ? { nonce: runtime.randomBytes(8), batches: draft.runs.map(({ run }) => run.bytes) }
        : first.place,
  };
};
