/**
 * What must hold of a partition when everything has come to rest.
 */
import {
  MAX_ENTRIES_PER_UPDATE,
  MAX_INLINE_BYTES,
  MAX_TAIL_BYTES,
  MAX_TAIL_ENTRIES,
} from '../../lib/model/limits.ts';
import { headKey, readHead } from '../../lib/storage/keys/head.ts';
import { readAll } from '../support/log.ts';
import type { World } from './world.ts';

/** A sentence for each rule that is broken; none when all is well. */
export const violationsOf = async (world: World): Promise<readonly string[]> => {
  const { runtime, stores, ref, deleted, sends, largestTail } = world;
  const problems: string[] = [];
  const head = readHead((await stores.items.get(headKey(ref)))!);

  let log: Awaited<ReturnType<typeof readAll>>;
  try {
    log = await runtime.drive(() => readAll(stores, runtime, ref));
  } catch (error) {
    return [`the log cannot be read: ${(error as Error).message}`];
  }

  log.forEach(({ offset }, index) => {
    if (offset !== index) problems.push(`offset ${index} is missing, ${offset} follows`);
  });
  if (head.end !== log.length)
    problems.push(`the head ends at ${head.end}, the log at ${log.length}`);

  const offsets = new Map<string, number[]>();
  for (const { offset, value } of log) offsets.set(value, [...(offsets.get(value) ?? []), offset]);
  for (const [value, at] of offsets) {
    if (at.length > 1) problems.push(`${name(value)} landed at ${at.join(' and ')}`);
  }

  for (const { values, outcome } of sends) {
    if (outcome === undefined) {
      problems.push(`nothing was told of ${name(values[0]!)}`);
      continue;
    }
    if ('baseOffset' in outcome) {
      values.forEach((value, index) => {
        const told = outcome.baseOffset + index;
        if (log[told]?.value !== value) {
          problems.push(
            `${name(value)} was told offset ${told}; it is at ${offsets.get(value) ?? 'none'}`,
          );
        }
      });
    } else if (outcome.error.code === 'OUT_OF_ORDER_SEQUENCE_NUMBER') {
      problems.push(`${name(values[0]!)} was refused although it came next`);
    }
  }

  // A batch may be sent several times: it is not in the log if that was told of each.
  for (const [value, told] of Map.groupBy(sends, ({ values }) => values[0]!)) {
    const denied = told.every(
      ({ outcome }) => outcome && 'error' in outcome && outcome.error.effect === 'none',
    );
    if (denied && offsets.has(value)) {
      problems.push(`${name(value)} was told not to be in the log; it is`);
    }
  }

  for (const [burst, inOrder] of Map.groupBy(sends, (one) => one.burst)) {
    if (burst === undefined) continue;
    const landed = inOrder.flatMap(({ outcome }) =>
      outcome && 'baseOffset' in outcome ? [outcome.baseOffset] : [],
    );
    if (landed.some((offset, index) => index > 0 && offset < landed[index - 1]!)) {
      problems.push(`sent in one burst, landed at ${landed.join(', ')}`);
    }
  }

  const sent = new Set(sends.flatMap(({ values }) => values));
  for (const { value } of log) if (!sent.has(value)) problems.push(`nobody sent ${name(value)}`);

  const mostEntries = MAX_TAIL_ENTRIES + MAX_ENTRIES_PER_UPDATE;
  const mostBytes = MAX_TAIL_BYTES + 2 * MAX_INLINE_BYTES;
  if (largestTail.entries > mostEntries) problems.push(`a tail had ${largestTail.entries} entries`);
  if (largestTail.bytes > mostBytes) problems.push(`a tail had ${largestTail.bytes} bytes`);
  const tailBytes = head.tail.reduce((sum, entry) => sum + entry.length, 0);
  if (tailBytes !== head.tailBytes)
    problems.push(`tailBytes is ${head.tailBytes}, not ${tailBytes}`);
  if ((await stores.items.get(headKey(deleted))) !== undefined) {
    problems.push('a deleted partition has a head again');
  }
  return problems;
};

const name = (value: string): string => value.slice(0, 20);
