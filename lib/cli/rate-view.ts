/**
 * The rates of topics as text that fits a window.
 *
 *   TOPIC                     PART     RECORDS/S          IN            END        SIZE
 *   orders                       3         1,234    1.2 MB/s      1,234,567     12.3 MB
 *
 * In a narrow window the columns on the right go first, then names are cut.
 */
import { styleText } from 'node:util';
import { countOf, countText, sizeText } from './quantities.ts';
import { type SortKey, sorted, type TopicRate } from './rates.ts';

interface Column {
  readonly head: string;
  readonly width: number;
  readonly text: (row: TopicRate) => string;
}

const rateText = (perSecond: number | null): string =>
  perSecond === null ? '-' : countText(Math.round(perSecond));

const bytesRateText = (perSecond: number | null): string =>
  perSecond === null ? '-' : `${sizeText(Math.max(0, perSecond))}/s`;

const COLUMNS: readonly Column[] = [
  { head: 'PART', width: 7, text: (row) => countText(row.partitions) },
  { head: 'RECORDS/S', width: 12, text: (row) => rateText(row.recordsPerSecond) },
  { head: 'IN', width: 12, text: (row) => bytesRateText(row.bytesPerSecond) },
  { head: 'END', width: 15, text: (row) => countText(row.endOffsets) },
  { head: 'SIZE', width: 11, text: (row) => sizeText(row.sizeBytes) },
];

const MIN_NAME_WIDTH = 12;

const fitted = (text: string, width: number): string =>
  text.length <= width ? text.padEnd(width) : `${text.slice(0, Math.max(0, width - 1))}…`;

/** The columns there is room for beside the name, which takes the rest. */
const layout = (columns: number): { readonly shown: readonly Column[]; readonly name: number } => {
  const shown: Column[] = [];
  let left = columns - MIN_NAME_WIDTH;
  for (const column of COLUMNS) {
    if (column.width > left) break;
    left -= column.width;
    shown.push(column);
  }
  return { shown, name: Math.min(columns, MIN_NAME_WIDTH + left) };
};

/** Head and rows, no line longer than `columns`. */
const tableLines = (rows: readonly TopicRate[], columns: number): readonly string[] => {
  const { shown, name } = layout(columns);
  const line = (first: string, cells: readonly string[]) =>
    fitted(first, name) + cells.map((cell, i) => cell.padStart(shown[i]!.width)).join('');
  return [
    line(
      'TOPIC',
      shown.map(({ head }) => head),
    ),
    ...rows.map((row) =>
      line(
        row.topic,
        shown.map(({ text }) => text(row)),
      ),
    ),
  ];
};

const total = (numbers: readonly (number | null)[]): number | null =>
  numbers.every((each) => each === null)
    ? null
    : numbers.reduce<number>((sum, each) => sum + (each ?? 0), 0);

/** All topics in one line. */
const totalLine = (rows: readonly TopicRate[]): string =>
  [
    countOf(rows.length, 'topic'),
    `${rateText(total(rows.map((row) => row.recordsPerSecond)))} records/s`,
    bytesRateText(total(rows.map((row) => row.bytesPerSecond))),
    `${sizeText(rows.reduce((sum, row) => sum + row.sizeBytes, 0))} kept`,
  ].join('   ');

/** What a window shows besides the rows. */
export interface RateView {
  readonly endpoint: string;
  readonly sort: SortKey;
  /** How often the service is asked, and for how much of it at a time. */
  readonly polled: string;
  /** Why what is shown is old. */
  readonly trouble?: string | undefined;
}

/** The window: at most `height` lines of at most `width` columns. */
export const windowLines = (
  rows: readonly TopicRate[],
  { endpoint, sort, polled, trouble }: RateView,
  width: number,
  height: number,
): readonly string[] => {
  const style = (format: 'bold' | 'inverse' | 'dim' | 'red', text: string) =>
    styleText(format, fitted(text, width), { stream: process.stdout });
  const above = [
    style('bold', `stratalog top   ${endpoint}   by ${sort}`),
    fitted(totalLine(rows), width),
    trouble === undefined ? style('dim', polled) : style('red', trouble),
    '',
  ];
  const room = Math.max(0, height - above.length - 2);
  const fits = rows.length <= room;
  const [head = '', ...lines] = tableLines(sorted(rows, sort).slice(0, room), width);
  const rest = fits ? '' : `${countOf(rows.length - room, 'more topic')}   `;
  return [
    ...above,
    style('inverse', head),
    ...lines,
    style('dim', `${rest}q quits   r, b, s, n: by records, bytes, size, name`),
  ].slice(0, height);
};

/** Rows for a reader that is no window. */
export const plainLines = (rows: readonly TopicRate[], sort: SortKey, columns: number): string =>
  tableLines(sorted(rows, sort), columns)
    .map((line) => line.trimEnd())
    .join('\n');
