/**
 * Lambda entry: what a schedule calls once a minute for the work that is due later, such as sealing heads
 * and expiring segments.
 *
 * Nothing leaves such work yet, so it looks at nothing and says that it did nothing: the schedule and the
 * role are there, and what comes to be done will be done without another deployment of them.
 */

/** What was done of each kind. */
export interface Maintained {
  /** Items of the index `due` that were worked off. */
  readonly done: number;
}

export const handler = async (): Promise<Maintained> => ({ done: 0 });
