/**
 * Values that tell who sent them: `plain1.4.42.4096|…` is 4,096 bytes, the 42nd value of the process
 * `plain1.4`. The bytes after the bar follow from those before it, so a value that was cut, mixed with
 * another or padded with zeros gives itself away.
 */
import type { Draw } from './draw.ts';
import { oneIn } from './draw.ts';

/** The whole value that an id stands for. Its last number is its size in bytes. */
export const valueFor = (id: string): string => {
  const sizeBytes = Number(id.slice(id.lastIndexOf('.') + 1));
  const lead = `${id}|`;
  return lead.repeat(Math.ceil(sizeBytes / lead.length)).slice(0, Math.max(sizeBytes, lead.length));
};

/** The id of a value; undefined when the value is not what its id stands for. */
export const idOf = (value: string): string | undefined => {
  const id = value.slice(0, value.indexOf('|'));
  return /^[a-z]+\d+\.\d+\.\d+\.\d+$/.test(id) && valueFor(id) === value ? id : undefined;
};

const SHOWN_OF_DAMAGE = 60;

/** What a history calls a value that was read: its id. Nobody sent what is damaged. */
export const nameOf = (value: unknown): string => {
  const id = typeof value === 'string' ? idOf(value) : undefined;
  return id ?? `damaged ${String(JSON.stringify(value)).slice(0, SHOWN_OF_DAMAGE)}`;
};

/** Most records stay in the head of a partition, those of one request in four go to objects. */
export const drawSizes = (draw: Draw): readonly number[] => {
  const [count, largest] = oneIn(draw, 4) ? [draw(1, 10), 4_000] : [draw(1, 4), 160];
  return Array.from({ length: count }, () => draw(20, largest));
};
