/**
 * What must hold of a partition when everything has come to rest.
 */

import { locator } from '../../lib/log/fetch/locate.ts';
import { MAX_INLINE_BYTES, MAX_TAIL_BYTES } from '../../lib/model/limits.ts';
import type { Item } from '../../lib/storage/algebra.ts';
import { HEAD, type Head, headKey, ifHead, readHead } from '../../lib/storage/keys/head.ts';
import { readAll, type Stores } from '../support/log.ts';
import type { Send, World } from './world.ts';

/** A sentence for each rule that is broken; none when all is well. */
export const violationsOf = async (world: World): Promise<readonly string[]> => {
  const { runtime, stores, ref, deleted, sends, largestTailBytes } = world;
  const problems: string[] = [];
  let head: Head;
  let log: Awaited<ReturnType<typeof readAll>>;
  try {
    head = readHead((await stores.items.get(headKey(ref)))!);
    log = await runtime.drive(() => readAll(withAllRecords(stores), runtime, ref));
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

  problems.push(...misplaced(sends, offsets, log.length));
  problems.push(...(await badStart(world, head)));

  const sent = new Set(sends.flatMap(({ values }) => values));
  for (const { value } of log) if (!sent.has(value)) problems.push(`nobody sent ${name(value)}`);

  const mostBytes = MAX_TAIL_BYTES + 2 * MAX_INLINE_BYTES;
  if (largestTailBytes > mostBytes) problems.push(`a tail had ${largestTailBytes} bytes`);
  const tailBytes = head.tail.reduce((sum, entry) => sum + entry.length, 0);
  if (tailBytes !== head.tailBytes)
    problems.push(`tailBytes is ${head.tailBytes}, not ${tailBytes}`);
  if (ifHead(await stores.items.get(headKey(deleted))) !== undefined) {
    problems.push('a deleted partition has a head again');
  }
  return problems;
};

/** The stores as if no record had ever been deleted: what was below the start is still there. */
const withAllRecords = ({ items, blobs }: Stores): Stores => {
  const whole = (item: Item | undefined) =>
    item?.[HEAD.start] === undefined ? item : { ...item, [HEAD.start]: 0 };
  return {
    blobs,
    items: {
      ...items,
      get: async (key, options) => whole(await items.get(key, options)),
      getMany: async (keys, options) => (await items.getMany(keys, options)).map(whole),
    },
  };
};

/** What was to be appended at one offset only, as a whole or not at all, and is not. */
const misplaced = (
  sends: readonly Send[],
  offsets: ReadonlyMap<string, readonly number[]>,
  logLength: number,
): readonly string[] =>
  sends.flatMap(({ values, expectedEnd, producerId, outcome }) => {
    if (expectedEnd === undefined || outcome === undefined) return [];
    const problems: string[] = [];
    const what = `${name(values[0]!)}, expected at ${expectedEnd},`;
    const at = values.map((value) => offsets.get(value)?.[0]);
    const landed = at.some((offset) => offset !== undefined);
    if (landed && at.some((offset, index) => offset !== expectedEnd + index)) {
      problems.push(`${what} landed at ${at.map(String).join(', ')}`);
    }
    if ('baseOffset' in outcome) {
      if (outcome.baseOffset !== expectedEnd) {
        problems.push(`${what} was told offset ${outcome.baseOffset}`);
      }
      return problems;
    }
    const { code, effect, context } = outcome.error;
    if (code !== 'UNEXPECTED_LOG_END') return problems;
    const end = context.logEndOffset as number;
    if (effect !== 'none' || end === expectedEnd || end > logLength) {
      problems.push(`${what} was refused because of the end ${end} (effect ${effect})`);
    }
    // That of a producer is told where it is, also when another of its copies was the one that landed.
    if (producerId !== undefined && end > expectedEnd && landed) {
      problems.push(`${what} was told not to be in the log; it is`);
    }
    return problems;
  });

/** A start that is not what was told of deletions, or a size that is not that of the entries left. */
const badStart = async ({ stores, ref, cuts }: World, head: Head): Promise<readonly string[]> => {
  const problems: string[] = [];
  let least = 0;
  let most = 0;
  for (const { before, outcome } of cuts) {
    if (typeof outcome === 'number') {
      if (before !== 'latest' && outcome < before) {
        problems.push(`records before ${before} were deleted up to ${outcome}`);
      }
      least = Math.max(least, outcome);
      most = Math.max(most, outcome);
    } else if (outcome?.effect !== 'none') {
      most = Math.max(most, before === 'latest' ? head.end : before);
    }
  }
  if (head.start < least || head.start > most) {
    problems.push(`the log starts at ${head.start}, told were ${least} to ${most}`);
  }
  let sizeBytes = 0;
  for await (const { entry } of locator(stores.items, 1).entriesFrom(ref, head, head.start)) {
    sizeBytes += entry.sizeBytes;
  }
  if (sizeBytes !== head.bytes) problems.push(`the log weighs ${sizeBytes}, told is ${head.bytes}`);
  return problems;
};

const name = (value: string): string => value.slice(0, 20);
