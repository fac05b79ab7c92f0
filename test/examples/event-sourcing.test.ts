import { expect, it } from 'vitest';
import type { ShowEvent } from '../../examples/event-sourcing/box-office.ts';
import { json, Stratalog } from '../../lib/index.ts';
import { ended } from '../cli/process.ts';
import { serviceForTests, startExample } from './program.ts';

const endpoint = serviceForTests();

it('sells each seat once, however many offices sell', async () => {
  const offices = ['north', 'south', 'west'];
  const all = await Promise.all(
    offices.map((office) =>
      ended(startExample(['event-sourcing/main.ts', 'hamlet', office], endpoint())),
    ),
  );
  for (const { code, err } of all) expect({ code, err }).toEqual({ code: 0, err: '' });

  const reader = new Stratalog({ endpoint: endpoint() }).reader({
    topic: 'hamlet',
    from: 'beginning',
    until: 'end',
    value: json<ShowEvent>(),
  });
  const events: ShowEvent[] = [];
  for await (const { value } of reader) if (value !== null) events.push(value);
  const [announced, ...sales] = events;
  expect(announced).toEqual({ type: 'show-announced', seats: 60 });
  const seats = sales.map((sale) => (sale.type === 'seat-sold' ? sale.seat : undefined));
  expect(seats).toEqual(Array.from({ length: 60 }, (_, at) => at + 1));
  // It was a race: without a conflict this would have shown nothing.
  const conflicts = all.map(({ out }) => Number(/faster (\d+) times/.exec(out)?.[1]));
  expect(Math.max(...conflicts)).toBeGreaterThan(0);
});
