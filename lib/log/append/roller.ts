/**
 * Roller: the rolls of one lane, one at a time, beside its appends.
 */
import type { PartitionRef } from '../../model/ids.ts';
import { KEEP_TAIL_ENTRIES, MAX_DROP_FIRST } from '../../model/limits.ts';
import type { Runtime } from '../../model/runtime.ts';
import type { ItemStore } from '../../storage/ports.ts';
import type { Group } from './group.ts';
import { crossesRollMark, isDueToRoll, rollTail } from './roll.ts';
import type { ViewKeeper } from './view.ts';

/** What a roll works on and tells its result to. */
export interface RollerContext {
  readonly items: ItemStore;
  readonly runtime: Runtime;
  readonly tick: () => number;
}

/** A roll is two calls, and everybody else appends once or twice during each. */
const OTHERS_ROLL_APPENDS = 3;

export class Roller {
  readonly #ref: PartitionRef;
  readonly #context: RollerContext;
  readonly #views: ViewKeeper;
  #underWay: Promise<void> | undefined;
  /** It was ours to roll, and nothing came of it. */
  #owes = false;

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
    if (crossesRollMark(head, group) || (this.#owes && isDueToRoll(head))) this.#rollBehind();
  }

  /** The same after an append whose answer got lost: whether it crossed a mark is not known. */
  afterDoubt(): void {
    const head = this.#views.current?.head;
    if (head !== undefined && this.#underWay === undefined && isDueToRoll(head)) this.#rollBehind();
  }

  #rollBehind(): void {
    const { crowd } = this.#views;
    void this.roll(crowd === 0 ? -Infinity : crowd * OTHERS_ROLL_APPENDS);
  }

  /**
   * Rolls the tail as it is seen, or waits for our own roll under way. Never rejects: the tail is still there then.
   * @param patience appends since another process began to roll, below which that is left to it
   */
  roll(patience = -Infinity): Promise<void> {
    this.#underWay ??= this.#rollOnce(patience).finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  async #rollOnce(patience: number): Promise<void> {
    const { items, runtime, tick } = this.#context;
    try {
      // A tail that could not be rolled for long is more than one roll.
      this.#owes = false;
      for (let more = true; more; ) {
        const head = this.#views.current?.head;
        if (head === undefined) return;
        const begunAt = tick();
        const { crowd } = this.#views;
        const item = await rollTail(items, runtime, this.#ref, head, { crowd, patience });
        if (item !== undefined) this.#views.adopt(item, begunAt, runtime.monotonicMs());
        more = item !== undefined && head.tail.length > KEEP_TAIL_ENTRIES + MAX_DROP_FIRST;
      }
    } catch {
      this.#owes = true;
      // Nothing is lost and nobody waits for it: our next append, or one that meets a full
      // tail, rolls again, and tells its own caller when that cannot be done.
    }
  }
}
