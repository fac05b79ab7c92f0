/**
 * Times as people give them to the CLI, and as it tells them.
 *
 *   2026-11-21T09:30:00Z   2026-11-21T10:30+01:00   -5m   10m ago   1h30m ago   now   1795253400000
 */
import { InvalidArgumentError } from 'commander';

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const DATE = String.raw`\d{4}-\d{2}-\d{2}`;
const CLOCK = String.raw`[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?`;
const ISO = new RegExp(String.raw`^${DATE}${CLOCK}(?:Z|[+-]\d{2}:?\d{2})$`, 'i');
const WITHOUT_ZONE = new RegExp(`^${DATE}(?:${CLOCK})?$`, 'i');
const DURATION = String.raw`(?:\d{1,12}(?:ms|s|m|h|d|w))+`;
const AGO = new RegExp(String.raw`^(?:-(${DURATION})|(${DURATION})\s+ago)$`, 'i');

const LEGAL =
  'It must be a time such as 2026-11-21T09:30:00Z, -5m, "2h ago" (ms, s, m, h, d, w), now, or milliseconds since 1970.';

const durationMs = (text: string): number =>
  [...text.matchAll(/(\d+)(ms|s|m|h|d|w)/gi)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * UNIT_MS[unit!.toLowerCase()]!,
    0,
  );

/** A written date that there is: JavaScript takes February 30 for March 2. */
const isoMs = (text: string): number | undefined => {
  const ms = Date.parse(text.replace(' ', 'T').toUpperCase());
  const day = Number(text.slice(8, 10));
  const inMonth = new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0));
  return Number.isNaN(ms) || day > inMonth.getUTCDate() ? undefined : ms;
};

/**
 * The time that `text` names, in ms since the Unix epoch.
 * @param now ms; what a duration counts from
 * @throws InvalidArgumentError that says what is legal
 */
export const parseTime = (text: string, now: number): number => {
  const trimmed = text.trim();
  const ago = AGO.exec(trimmed);
  const ms = /^\d{1,16}$/.test(trimmed)
    ? Number(trimmed)
    : trimmed === 'now'
      ? now
      : ago !== null
        ? now - durationMs(ago[1] ?? ago[2]!)
        : ISO.test(trimmed)
          ? isoMs(trimmed)
          : undefined;
  if (ms !== undefined && Number.isSafeInteger(ms) && ms >= 0) return ms;
  throw new InvalidArgumentError(
    WITHOUT_ZONE.test(trimmed)
      ? 'It has no time zone: write a time of day and end it with Z (UTC) or an offset such as +01:00.'
      : LEGAL,
  );
};

/** `2026-11-21 09:30:00.000Z`, or a dash for the -1 that stands for none. */
export const timeText = (ms: number): string =>
  ms < 0 || ms > 8.64e15 ? '-' : new Date(ms).toISOString().replace('T', ' ');
