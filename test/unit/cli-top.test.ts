/** What `top` makes of its looks: rates, whose turn it is, and lines that fit. */
import { describe, expect, it } from 'vitest';
import { plainLines, windowLines } from '../../lib/cli/rate-view.ts';
import { rateTable, SORT_KEYS, sorted, type TopicRate } from '../../lib/cli/rates.ts';
import { PARTITIONS_PER_ROUND, survey, TOPICS_PER_ROUND } from '../../lib/cli/survey.ts';
import type { TopicDescription } from '../../lib/client/topics.ts';
import { StratalogError } from '../../lib/model/errors.ts';

const description = (
  name: string,
  logEndOffset: number,
  sizeBytes: number,
  logStartOffset = 0,
  topicId = 'id',
): TopicDescription => ({
  name,
  topicId,
  createdAt: 0,
  configs: [],
  partitions: [
    { partition: 0, logStartOffset, logEndOffset, sizeBytes },
    { partition: 1, logStartOffset: 0, logEndOffset: 10, sizeBytes: 100 },
  ],
});

describe('rates', () => {
  it('are those between two looks', () => {
    const rates = rateTable();
    rates.see(description('a', 100, 1_000), 1_000);
    expect(rates.rows()).toMatchObject([
      { recordsPerSecond: null, bytesPerSecond: null, endOffsets: 110, sizeBytes: 1_100 },
    ]);
    rates.see(description('a', 300, 5_000), 3_000);
    expect(rates.rows()).toEqual([
      {
        topic: 'a',
        partitions: 2,
        recordsPerSecond: 100,
        bytesPerSecond: 2_000,
        endOffsets: 310,
        sizeBytes: 5_100,
      },
    ]);
  });

  it('are not known in bytes over a deletion, nor at all of a topic that was made again', () => {
    const rates = rateTable();
    rates.see(description('a', 100, 1_000), 0);
    rates.see(description('a', 200, 500, 150), 1_000);
    expect(rates.rows()).toMatchObject([{ recordsPerSecond: 100, bytesPerSecond: null }]);
    rates.see(description('a', 5, 50, 0, 'another'), 2_000);
    expect(rates.rows()).toMatchObject([{ recordsPerSecond: null, bytesPerSecond: null }]);
    rates.keep(new Set(['b']));
    expect(rates.rows()).toEqual([]);
  });
});

/** Topics with these numbers of partitions, and how often each was asked for. */
const service = (partitions: readonly number[]) => {
  const asked = new Map<string, number>();
  let lists = 0;
  let open = 0;
  let mostOpen = 0;
  const gone = new Set<string>();
  return {
    asked,
    gone,
    lists: () => lists,
    mostOpen: () => mostOpen,
    listTopics: async () => {
      lists += 1;
      return partitions.map((count, i) => ({
        name: `t${i}`,
        topicId: `id${i}`,
        partitions: count,
      }));
    },
    describeTopic: async (name: string) => {
      open += 1;
      mostOpen = Math.max(mostOpen, open);
      await Promise.resolve();
      open -= 1;
      asked.set(name, (asked.get(name) ?? 0) + 1);
      if (gone.has(name)) throw new StratalogError('UNKNOWN_TOPIC_OR_PARTITION', 'gone');
      return description(name, 0, 0);
    },
  };
};

describe('a survey', () => {
  it('asks for all of few topics each time, and for the list seldom', async () => {
    const few = service([1, 2, 3]);
    const rounds = survey(few, []);
    for (let i = 0; i < 20; i += 1) await rounds.round(() => {});
    expect([...few.asked.values()]).toEqual([20, 20, 20]);
    expect(few.lists()).toBe(2);
    expect(rounds.looked).toBe(3);
  });

  it('lets many topics take turns', async () => {
    const many = service(new Array(TOPICS_PER_ROUND * 2.5).fill(1));
    const rounds = survey(many, []);
    for (let i = 0; i < 5; i += 1) {
      const before = [...many.asked.values()].reduce((sum, count) => sum + count, 0);
      await rounds.round(() => {});
      const after = [...many.asked.values()].reduce((sum, count) => sum + count, 0);
      expect(after - before).toBe(TOPICS_PER_ROUND);
    }
    expect([...many.asked.values()].every((count) => count === 2)).toBe(true);
    expect(many.mostOpen()).toBeLessThanOrEqual(4);
  });

  it('rations partitions, and yet looks at the largest topic', async () => {
    const big = service([PARTITIONS_PER_ROUND * 3, PARTITIONS_PER_ROUND - 1, 1, 1]);
    const rounds = survey(big, []);
    const looked: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      await rounds.round(() => {});
      looked.push(rounds.looked);
    }
    expect(looked).toEqual([1, 2, 1]);
  });

  it('forgets a topic that went, and refuses one that never was', async () => {
    const some = service([1, 1]);
    some.gone.add('t0');
    const rounds = survey(some, []);
    const seen: string[] = [];
    await rounds.round(({ name }) => seen.push(name));
    expect(seen).toEqual(['t1']);
    expect([...rounds.names]).toEqual(['t1']);
    await expect(survey(some, ['t1', 'nope']).round(() => {})).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
      message: expect.stringContaining('nope'),
    });
    const one = survey(some, ['t1']);
    await one.round(() => {});
    expect([...one.names]).toEqual(['t1']);
  });
});

const row = (topic: string, rate: number, size = 0): TopicRate => ({
  topic,
  partitions: 3,
  recordsPerSecond: rate,
  bytesPerSecond: rate * 1000,
  endOffsets: 123_456_789,
  sizeBytes: size,
});

describe('the window', () => {
  const view = { endpoint: 'http://127.0.0.1:8080', sort: 'records', polled: 'all' } as const;
  const rows = Array.from({ length: 40 }, (_, i) => row(`topic-${'x'.repeat(i * 3)}`, i, 1e12));

  it.each([
    [80, 24],
    [200, 60],
    [40, 10],
    [20, 5],
    [1, 1],
  ])('is no larger than %i by %i', (columns, height) => {
    const lines = windowLines(rows, view, columns, height);
    expect(lines.length).toBeLessThanOrEqual(height);
    for (const line of lines) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the styles of a terminal
      const shown = line.replaceAll(/\x1b\[\d+m/g, '');
      expect(shown.length).toBeLessThanOrEqual(columns);
    }
  });

  it('shows the busiest that fit, and says how many more there are', () => {
    const text = windowLines(rows, view, 80, 24).join('\n');
    expect(text).toContain('22 more topics');
    expect(text.indexOf('39.0 kB/s')).toBeLessThan(text.indexOf('38.0 kB/s'));
    expect(text).not.toContain(' 3.0 kB/s');
  });
});

it('sorts by each key, and by name what is equal', () => {
  const rows = [row('b', 1, 9), row('a', 1, 9), row('c', 2, 1)];
  const order = Object.fromEntries(
    SORT_KEYS.map((key) => [
      key,
      sorted(rows, key)
        .map(({ topic }) => topic)
        .join(''),
    ]),
  );
  expect(order).toEqual({ records: 'cab', bytes: 'cab', size: 'abc', name: 'abc' });
  expect(plainLines(rows, 'name', 100)).toMatch(/^TOPIC .*\na +.*\nb +.*\nc /);
});
