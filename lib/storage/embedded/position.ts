/**
 * A place in the row of volumes as one number, so that SQLite keeps and compares it:
 * volume number × 2³² + position in the file. Safe up to volume 2²¹.
 */
import type { Place } from './volume-record.ts';

const VOLUME = 2 ** 32;

export type Position = number;

/** The number of a place; it grows along the volumes. */
export const positionOf = ({ volume, offset }: Place): Position => volume * VOLUME + offset;

/** The volume and the position in it. */
export const placeOf = (position: Position): Place => ({
  volume: Math.floor(position / VOLUME),
  offset: position % VOLUME,
});
