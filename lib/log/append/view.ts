/**
 * View: the newest state of a head that this process has seen, and how far it can be trusted.
 *
 * Views come from reads and from the answers to our own updates, in any order; heads only grow, so
 * the newer of two is told by their offsets. How stale a view is likely to be follows from the
 * appends by others that successive views show; and how many others there are, from those that come
 * between a view and the append that is formed by it: the *crowd*.
 */
import { STALE_VIEW_APPENDS } from '../../model/limits.ts';
import type { Item } from '../../storage/algebra.ts';
import { type Head, readHead } from '../../storage/keys/head.ts';
import { entryRecordCount } from '../entry.ts';

export interface View {
  readonly head: Head;
  /** The process's count of events when the read or update that brought it began. */
  readonly begunAt: number;
  readonly atMs: number;
}

/** What we appended ourselves, of what a view shows. */
export interface OwnShare {
  readonly recordCount: number;
  readonly entries: readonly unknown[];
}

export class ViewKeeper {
  #view: View | undefined;
  #crowd = 0;
  /** Appends per ms by others, smoothed. */
  #foreignRate = 0;

  get current(): View | undefined {
    return this.#view;
  }

  /** Entries that others append between two of ours, as lately seen: up at once, down slowly. */
  get crowd(): number {
    return this.#crowd;
  }

  /**
   * Takes a newer state over; an older one is dropped. `own`: what of it we appended just now.
   * @returns what `item` says, however old
   */
  adopt(item: Item, begunAt: number, atMs: number, own?: OwnShare): Head {
    const head = readHead(item);
    const old = this.#view;
    if (old !== undefined) {
      const behind =
        head.end < old.head.end ||
        (head.end === old.head.end && head.tailStart < old.head.tailStart);
      if (behind) {
        // What we have is newer, and so at least as fresh.
        this.#view = { ...old, begunAt: Math.max(begunAt, old.begunAt) };
        return head;
      }
      this.#observe(old, head, atMs, own);
    }
    this.#view = { head, begunAt: Math.max(begunAt, old?.begunAt ?? 0), atMs };
    return head;
  }

  forget(): void {
    this.#view = undefined;
  }

  /** Whether enough appends by others are likely since to have pushed what we saw out of the tail. */
  isStale(nowMs: number): boolean {
    if (this.#view === undefined) return true;
    return this.#foreignRate * (nowMs - this.#view.atMs) > STALE_VIEW_APPENDS;
  }

  #observe(old: View, head: Head, atMs: number, own: OwnShare | undefined): void {
    const foreignRecords = head.end - old.head.end - (own?.recordCount ?? 0);
    if (own !== undefined) {
      const others =
        foreignRecords <= 0 ? 0 : entriesSince(old.head.end, head) - own.entries.length;
      this.#crowd = Math.max(others, Math.floor((this.#crowd * 3 + others) / 4));
    }
    if (foreignRecords <= 0 && this.#foreignRate === 0) return;
    const elapsedMs = Math.max(1, atMs - old.atMs);
    const rate = foreignRecords > 0 ? entriesSince(old.head.end, head) / elapsedMs : 0;
    this.#foreignRate = (this.#foreignRate + rate) / 2;
    if (this.#foreignRate < NEGLIGIBLE_RATE) this.#foreignRate = 0;
  }
}

/** One append by others in ten minutes. */
const NEGLIGIBLE_RATE = 1 / 600_000;

/** Entries of the tail that lie at or above `offset`; all of them when it has left the tail. */
const entriesSince = (offset: number, head: Head): number => {
  let at = head.end;
  let count = 0;
  for (let index = head.tail.length - 1; index >= 0 && at > offset; index--) {
    at -= entryRecordCount(head.tail[index]!);
    count++;
  }
  return count;
};
