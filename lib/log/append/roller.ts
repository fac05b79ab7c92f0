/**
 * Roller: the rolls of one lane, one at a time, beside its appends.
 */
import type { PartitionRef } from '../../model/ids.ts';
import type { Runtime } from '../../model/runtime.ts';
import type { ItemStore } from '../../storage/ports.ts';
import type { Group } from './group.ts';
import { crossesRollMark, rollTail } from './roll.ts';
import type { ViewKeeper } from './view.ts';

/** What a roll works on and tells its result to. */
export interface RollerContext {
  readonly items: ItemStore;
  readonly runtime: Runtime;
  readonly tick: () => number;
}

export class Roller {
  readonly #ref: PartitionRef;
  readonly #context: RollerContext;
  readonly #views: ViewKeeper;
  #underWay: Promise<void> | undefined;

  constructor(ref: PartitionRef, context: RollerContext, views: ViewKeeper) {
    this.#ref = ref;
    this.#context = context;
    this.#views = views;
  }

  /** The roll under way, if any. Never rejects. */
  get underWay(): Promise<void> | undefined {
    return this.#underWay;
  }

  /** Rolls in the background if the append of `group` was the one to do it. */
  afterAppend(group: Group): void {
    const head = this.#views.current?.head;
    if (head === undefined || this.#underWay !== undefined) return;
    if (crossesRollMark(head, group.entries.length, group.entriesBytes)) void this.roll();
  }

  /** Rolls the tail as it is seen, or waits for who does. Never rejects: the tail is still there then. */
  roll(): Promise<void> {
    this.#underWay ??= this.#rollOnce().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  async #rollOnce(): Promise<void> {
    const { items, runtime, tick } = this.#context;
    const head = this.#views.current?.head;
    if (head === undefined) return;
    const begunAt = tick();
    try {
      const item = await rollTail(items, runtime, this.#ref, head);
      if (item !== undefined) this.#views.adopt(item, begunAt, runtime.monotonicMs());
    } catch {
      // Nothing is lost and nobody waits for it: the next mark, or the append that meets a full
      // tail, rolls again, and tells its own caller when that cannot be done.
    }
  }
}
