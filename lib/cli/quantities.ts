/** Numbers as people read them. */

/** `1,234,567`, of a whole number. By hand: loading a locale takes longer than a short command. */
export const countText = (count: number): string =>
  String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');

/** `1 record`, `1,234 records`. */
export const countOf = (count: number, noun: string): string =>
  `${countText(count)} ${noun}${count === 1 ? '' : 's'}`;

const UNITS = ['kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** `999 B`, `1.2 kB`, `34.5 MB`: thousands, as in MB/s. */
export const sizeText = (bytes: number): string => {
  if (bytes < 1_000) return `${Math.round(bytes)} B`;
  let value = bytes / 1_000;
  let unit = 0;
  // What rounds to 1,000.0 belongs to the next unit.
  while (value >= 999.95 && unit < UNITS.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${value.toFixed(1)} ${UNITS[unit]}`;
};
