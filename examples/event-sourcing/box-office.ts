/**
 * The rules of selling tickets for one show: what can happen, what follows from it, what is allowed.
 * Nothing here knows of a log; it could be tested without one.
 */

export type ShowEvent =
  | { readonly type: 'show-announced'; readonly seats: number }
  | { readonly type: 'seat-sold'; readonly seat: number; readonly office: string };

export interface Show {
  readonly seats: number;
  readonly sold: ReadonlyMap<number, string>;
}

export const NO_SHOW: Show = { seats: 0, sold: new Map() };

/** The show after an event. */
export const evolve = (show: Show, event: ShowEvent): Show =>
  event.type === 'show-announced'
    ? { ...show, seats: event.seats }
    : { ...show, sold: new Map(show.sold).set(event.seat, event.office) };

/** Announces a show, once. */
export const announce =
  (seats: number) =>
  (show: Show): readonly ShowEvent[] =>
    show.seats > 0 ? [] : [{ type: 'show-announced', seats }];

/** Sells the first free seat; nothing happens when there is none. */
export const sellTo =
  (office: string) =>
  (show: Show): readonly ShowEvent[] => {
    for (let seat = 1; seat <= show.seats; seat += 1) {
      if (!show.sold.has(seat)) return [{ type: 'seat-sold', seat, office }];
    }
    return [];
  };
