/**
 * An anomaly as text: the operations concerned, a line for each process, along time.
 *
 *   stale tail in events/0
 *   the log was told to end at 7, after 7 was acknowledged
 *
 *        10      14      20      31
 *   a    ├─── 1 ─┤
 *   b                    ├─── 2 ─┤
 *
 *   1  a  send "x" → ok at 7
 *   2  b  poll events/0 from 5 → ok 5 "v" … 6 "w", ends at 7
 *
 * Time is not to scale: each moment at which something began or ended is a column. What nobody was
 * told the end of is drawn open, `├─── 1 ┄?`.
 */
import type { Anomaly } from './anomaly.ts';
import type { Operation, Read } from './history.ts';

/** Records shown of each end of a poll; between them, those whose sends are drawn as well. */
const RECORDS_OF_AN_END = 3;
/** Operations drawn, the first ones: a log that is all wrong may concern every operation. */
const OPERATIONS_DRAWN = 12;

const boundsOf = (told: { logStart?: number; logEnd?: number }): string =>
  [
    told.logStart === undefined ? '' : `, starts at ${told.logStart}`,
    told.logEnd === undefined ? '' : `, ends at ${told.logEnd}`,
  ].join('');

/** @param sent values whose place is what it may be about */
const recordsOf = ({ records }: Read, sent: ReadonlySet<string>): string => {
  if (records.length === 0) return 'nothing';
  const isShown = (index: number): boolean =>
    index < RECORDS_OF_AN_END ||
    index >= records.length - RECORDS_OF_AN_END ||
    sent.has(records[index]![1]);
  return records
    .flatMap(([offset, value, epoch], index) => {
      if (!isShown(index)) return isShown(index - 1) ? ['…'] : [];
      const ofEpoch = epoch === undefined ? '' : ` epoch ${epoch}`;
      return [`${offset} ${JSON.stringify(value)}${ofEpoch}`];
    })
    .join(', ');
};

const place = (offset: number | undefined): string => (offset === undefined ? '' : ` at ${offset}`);

/** What was asked, and what came of it. */
const asked = (
  one: Operation,
  partition: string,
  sent: ReadonlySet<string>,
): readonly [string, string] => {
  switch (one.kind) {
    case 'send': {
      const wanted = one.expectedEnd === undefined ? '' : ` for ${one.expectedEnd}`;
      const told = `${place(one.offset)}${boundsOf(one)}`;
      return [`send ${JSON.stringify(one.value)}${wanted} (${one.producer})`, told];
    }
    case 'poll': {
      const reads = one.reads.filter((read) => read.partition === partition);
      const from = reads.map((read) => `${read.partition} from ${read.from}`).join(', ');
      const got = reads.map((read) => `${recordsOf(read, sent)}${boundsOf(read)}`).join('; ');
      return [`${one.final ? 'final ' : ''}poll ${from}`, ` ${got}`];
    }
    case 'list-offsets': {
      const told = one.partitions.filter((each) => each.partition === partition).map(boundsOf);
      return [`look at the bounds of ${partition}`, told.join('')];
    }
    case 'delete-records':
      return [`delete before ${one.before}`, boundsOf(one)];
    case 'assign':
      return [`assign ${one.partitions.map((each) => each.partition).join(', ')}`, ''];
    case 'crash':
      return ['crash', ''];
    case 'commit':
      return [`commit ${one.offset} of ${one.group}, generation ${one.generation}`, ''];
  }
};

/** A line of the drawing: operations of one process that do not overlap. */
interface Lane {
  readonly process: string;
  readonly operations: Operation[];
}

/** Lanes by the first operation of their process. */
const lanesOf = (operations: readonly Operation[]): readonly Lane[] => {
  const lanes: Lane[] = [];
  for (const one of operations) {
    const free = lanes.find(({ process, operations: before }) => {
      const last = before.at(-1)!;
      return process === one.process && last.outcome !== 'info' && last.completedAt < one.invokedAt;
    });
    if (free) free.operations.push(one);
    else lanes.push({ process: one.process, operations: [one] });
  }
  const firsts = [...new Set(operations.map(({ process }) => process))];
  return lanes.sort((a, b) => firsts.indexOf(a.process) - firsts.indexOf(b.process));
};

/** Text of one anomaly, ended by a line feed. */
export const drawTimeline = (rule: string, found: Anomaly): string => {
  const { partition, detail } = found;
  if (found.operations.length === 0) return `${rule} in ${partition}\n${detail}\n`;
  const operations = found.operations.slice(0, OPERATIONS_DRAWN);
  const sent = new Set(operations.flatMap((one) => (one.kind === 'send' ? [one.value] : [])));
  const left = found.operations.length - operations.length;
  const moments = [...new Set(operations.flatMap((one) => [one.invokedAt, one.completedAt]))].sort(
    (a, b) => a - b,
  );
  const width = Math.max(8, ...moments.map((moment) => `${moment}`.length + 2));
  const margin = Math.max(...operations.map(({ process }) => process.length)) + 4;
  const column = (moment: number): number => moments.indexOf(moment) * width;

  const bar = (one: Operation): string => {
    const length = Math.max(column(one.completedAt) - column(one.invokedAt), 6);
    const label = ` ${operations.indexOf(one) + 1} `;
    const isOpen = one.outcome === 'info';
    return `├───${label}`.padEnd(length, isOpen ? '┄' : '─') + (isOpen ? '?' : '┤');
  };
  const rows = lanesOf(operations).map(({ process, operations: inLane }) =>
    inLane.reduce(
      (row, one) => row.padEnd(margin + column(one.invokedAt)) + bar(one),
      process.padEnd(margin),
    ),
  );
  const legend = operations.map((one, index) => {
    const [what, told] = asked(one, partition, sent);
    return `${index + 1}  ${one.process}  ${what} → ${one.outcome}${told}`;
  });
  const scale = ' '.repeat(margin) + moments.map((moment) => `${moment}`.padEnd(width)).join('');
  return [
    `${rule} in ${partition}`,
    detail,
    '',
    scale.trimEnd(),
    ...rows,
    '',
    ...legend,
    ...(left > 0 ? [`and ${left} more`] : []),
    '',
  ].join('\n');
};
