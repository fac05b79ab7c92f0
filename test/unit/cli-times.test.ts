import { describe, expect, it } from 'vitest';
import { parseTime, timeText } from '../../lib/cli/times.ts';

const NOW = Date.UTC(2026, 10, 21, 10, 0, 0);

describe('a time that a person gives', () => {
  it.each([
    ['1795253400000', 1_795_253_400_000],
    ['0', 0],
    ['now', NOW],
    ['-5m', NOW - 300_000],
    ['10m ago', NOW - 600_000],
    ['1h30m ago', NOW - 5_400_000],
    ['-1w2d3h4m5s6ms', NOW - (9 * 86_400_000 + 11_045_006)],
    ['2H AGO', NOW - 7_200_000],
    ['2026-11-21T09:30:00Z', Date.UTC(2026, 10, 21, 9, 30)],
    ['2026-11-21T10:30+01:00', Date.UTC(2026, 10, 21, 9, 30)],
    ['2026-11-21 09:30:00.250z', Date.UTC(2026, 10, 21, 9, 30, 0, 250)],
    ['2026-11-21T09:30:00-0030', Date.UTC(2026, 10, 21, 10, 0)],
    ['2024-02-29T00:00Z', Date.UTC(2024, 1, 29)],
  ])('%s', (text, ms) => {
    expect(parseTime(text, NOW)).toBe(ms);
  });

  it.each(['5m', '-5', '- 5m', 'soon', '', '-5y', '2026-11-21T25:00:00Z', '2026-02-30T00:00:00Z'])(
    'refuses %s, saying what is legal',
    (text) => {
      expect(() => parseTime(text, NOW)).toThrow(/2026-11-21T09:30:00Z, -5m/);
    },
  );

  it.each(['2026-11-21', '2026-11-21T09:30', '2026-11-21 09:30:00'])(
    'refuses %s, which is another time in each zone',
    (text) => {
      expect(() => parseTime(text, NOW)).toThrow(/no time zone/);
    },
  );

  it('refuses a time before 1970', () => {
    expect(() => parseTime('-9999w', NOW)).toThrow(/must be a time/);
  });
});

it('tells times, and that there is none', () => {
  expect(timeText(NOW)).toBe('2026-11-21 10:00:00.000Z');
  expect(timeText(-1)).toBe('-');
  expect(timeText(Number.MAX_SAFE_INTEGER)).toBe('-');
});
