/**
 * Change one item by what it says, exactly once: read, judge, write if nobody wrote meanwhile.
 *
 * The item carries a revision, and the marks (random nonces) of those who made the last eight:
 *
 *   revision   r                 r+1               …      r+8               r+9
 *   marks      [… x]             [… x, ours]              [ours, …]         [ours is out of sight]
 *   we         read r,
 *              judge, send ────► applied, or not: no answer, or a refusal that may be that of a second copy
 *
 * After anything but success the item is read again:
 *
 *   our mark is there            it was applied
 *   the revision is still r      it was not yet: the same again; all copies ask for r, so one applies
 *   r+1 … r+8, no mark of ours   it never was, and never will be: judge afresh, with a new mark
 *   further on, or another item  nobody can tell. The caller is told so, unless doing it twice is as good
 *
 * A copy that comes late changes nothing: the revision has moved on, and only grows. That holds for one
 * life of the item. What is deleted and made again under its key begins at 0, so `judge` adds the condition
 * that it is the same thing (an id), or the item is one that is not deleted while writes may be late.
 */
import { StratalogError, withEffect } from '../model/errors.ts';
import { STORE_PATIENCE_MS } from '../model/limits.ts';
import type { Runtime } from '../model/runtime.ts';
import type { Condition, Conditions, Item, ItemKey, Update } from './algebra.ts';
import { absent, equals, set } from './algebra.ts';
import { binaries, wholeNumber } from './attributes.ts';
import { allHold, sameValue } from './interpret.ts';
import { backoffMs, retrying } from './patience.ts';
import { ConditionFailed, type ItemStore, StoreError } from './ports.ts';

/** Attributes of every item that is changed in this way; absent ones are 0 and empty. */
export const REVISION = { revision: 'rev', marks: 'marks' } as const;

/** The name of the condition that nobody wrote meanwhile. */
export const REVISION_AS_READ = 'revision-as-read';

/** How many of the last changes an item tells the marks of. */
const MARKS = 8;
const MARK_BYTES = 8;

export interface Revision {
  readonly key: ItemKey;
  /** What is done, for messages: 'the change of …'. */
  readonly what: string;
  /**
   * What to change in an item that reads so; `if` says what the revision does not: that it is the same
   * thing. Throws to refuse. Asked again whenever somebody else was faster.
   */
  readonly judge: (item: Item | undefined) => Update;
  /** The item as this process knows it, to save the first read: its revision, its marks and what `judge` looks at. */
  readonly believed?: Item | undefined;
  /** Whether twice, with changes of others in between, is as good as once. */
  readonly repeatable?: boolean;
}

/** How often the item was changed; 0: never, or there is none. @throws CORRUPT_STORE */
export const revisionOf = (item: Item | undefined): number =>
  item?.[REVISION.revision] === undefined ? 0 : wholeNumber(item, REVISION.revision, 1);

/** Holds while the item is as it was at this revision. */
export const atRevision = (revision: number): Condition =>
  revision === 0 ? absent(REVISION.revision) : equals(REVISION.revision, revision);

/**
 * The item as it is once the change was made.
 * @throws what `judge` throws, told as of unknown effect when an earlier try was lost sight of; REQUEST_TIMED_OUT
 * or KAFKA_STORAGE_ERROR when the outcome is unknown; THROTTLING_QUOTA_EXCEEDED when others were always
 * faster; a StoreError only when nothing happened
 */
export const revise = async (
  items: ItemStore,
  runtime: Runtime,
  { key, what, judge, believed, repeatable = false }: Revision,
): Promise<Item> => {
  const deadlineMs = runtime.monotonicMs() + STORE_PATIENCE_MS;
  const late = (): boolean => runtime.monotonicMs() >= deadlineMs;
  const read = () => retrying(runtime, deadlineMs, () => items.get(key));
  let attempt = 0;
  const pause = () => runtime.sleep(backoffMs(attempt++, runtime));

  /** Sends one update until it is known what became of it. */
  const settle = async (sent: Sent): Promise<Settled> => {
    let doubted = false;
    for (; ; await pause()) {
      let failure: ConditionFailed | StoreError;
      try {
        return { fate: 'applied', item: await items.update(key, sent.update) };
      } catch (error) {
        if (!(error instanceof ConditionFailed || error instanceof StoreError)) throw error;
        failure = error;
      }
      const refused = failure instanceof StoreError && failure.effect === 'none';
      const hopeless = late() || (failure instanceof StoreError && !failure.retriable);
      if (refused && !doubted) {
        if (hopeless) throw failure;
        continue;
      }
      doubted = true;
      const item =
        failure instanceof ConditionFailed
          ? failure.item
          : await read().catch((cause) => {
              throw outcomeUnknown(what, cause);
            });
      const fate = fateOf(sent, item);
      if (fate !== 'open') return { fate, item };
      if (hopeless) throw outcomeUnknown(what, failure);
    }
  };

  /** One that may have been applied was lost sight of. */
  let lost = false;
  for (let item = believed ?? (await read()); ; await pause()) {
    try {
      const sent = prepare(runtime, item, judge(item));
      if (lost && !repeatable) throw outcomeUnknown(what);
      const settled = await settle(sent);
      if (settled.fate === 'applied') return settled.item!;
      item = settled.item;
      if (settled.fate === 'lost') lost = true;
      if (late()) throw overtaken(what);
    } catch (error) {
      throw lost ? doubting(error, what) : error;
    }
  }
};

/** An update as it is sent, and what it takes to recognise it. */
interface Sent {
  readonly update: Update;
  readonly mark: Uint8Array;
  /** The revision it asks for. */
  readonly revision: number;
  /** That the item is the same thing. */
  readonly same: Conditions | undefined;
}

interface Settled {
  readonly fate: 'applied' | 'never' | 'lost';
  readonly item: Item | undefined;
}

const prepare = (runtime: Runtime, item: Item | undefined, judged: Update): Sent => {
  const revision = revisionOf(item);
  const mark = runtime.randomBytes(MARK_BYTES);
  return {
    update: {
      if: { ...judged.if, [REVISION_AS_READ]: atRevision(revision) },
      change: [
        ...judged.change,
        set(REVISION.revision, revision + 1),
        set(REVISION.marks, [...marksOf(item).slice(1 - MARKS), mark]),
      ],
    },
    mark,
    revision,
    same: judged.if,
  };
};

/** What became of an update, by an item read after it was sent; `open`: it may still be applied. */
const fateOf = (
  { mark, revision, same }: Sent,
  item: Item | undefined,
): Settled['fate'] | 'open' => {
  if (marksOf(item).some((one) => sameValue(one, mark))) return 'applied';
  const ahead = revisionOf(item) - revision;
  if (!allHold(same, item) || ahead < 0 || ahead > MARKS) return 'lost';
  return ahead === 0 ? 'open' : 'never';
};

const marksOf = (item: Item | undefined): readonly Uint8Array[] =>
  item?.[REVISION.marks] === undefined ? [] : binaries(item, REVISION.marks);

const outcomeUnknown = (what: string, cause?: unknown): StratalogError =>
  new StratalogError(
    cause instanceof StoreError ? 'KAFKA_STORAGE_ERROR' : 'REQUEST_TIMED_OUT',
    `Whether ${what} happened could not be found out${cause instanceof StoreError ? `: ${cause.message}` : ''}. Look before you do it again.`,
    { effect: 'unknown', cause },
  );

const overtaken = (what: string): StratalogError =>
  new StratalogError(
    'THROTTLING_QUOTA_EXCEEDED',
    `Others were always faster, so ${what} did not happen. Try again later, or change it from fewer places.`,
  );

/** `error`, for one whose earlier try may have been applied. */
const doubting = (error: unknown, what: string): unknown =>
  error instanceof StratalogError
    ? withEffect(error, 'unknown')
    : error instanceof StoreError
      ? outcomeUnknown(what, error)
      : error;
