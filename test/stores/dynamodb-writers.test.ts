/**
 * Many processes append to one partition in DynamoDB Local, each with an appender and a view of its own.
 *
 * The machine that runs this runs Java and other things, too: rounds with one and with all writers take turns,
 * and the best of each are compared.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { newDynamoTable } from '../engines/dynamo-table.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../engines/dynamodb-local.ts';
import { batchOfSize } from '../support/append-mixes.ts';
import { countConsumed } from '../support/consumed.ts';
import { appending, newPartition } from '../support/log.ts';

const WRITERS = 64;
const ROUNDS = 3;
const APPENDS = 1_280;

let engine: DynamoDbLocal;
beforeAll(async () => {
  engine = await startDynamoDbLocal();
}, 300_000);
afterAll(() => engine?.close());

it(`${WRITERS} writers are refused at most 2 %, and are together no slower than one`, async () => {
  const { client, items, close } = await newDynamoTable(engine);
  const consumed = countConsumed(client);
  const stores = { items, blobs: memoryBlobs() };
  let topics = 0;

  /** Appends by so many writers, each one batch after the other; each lands at an offset of its own. */
  const round = async (writers: number, appends: number) => {
    const ref = await newPartition(items, systemRuntime, `topic-${topics++}`);
    const before = { ...consumed };
    const begunMs = systemRuntime.monotonicMs();
    const offsets = new Set<number>();
    await Promise.all(
      Array.from({ length: writers }, async () => {
        const { append, appender } = appending(stores, systemRuntime, { answerAfterRoll: true });
        for (let n = 0; n < appends / writers; n++) {
          const outcome = await append(ref, batchOfSize(2_000));
          if ('error' in outcome) throw outcome.error;
          offsets.add(outcome.baseOffset);
        }
        await appender.settled();
      }),
    );
    const seconds = (systemRuntime.monotonicMs() - begunMs) / 1_000;
    expect([...offsets].toSorted((left, right) => left - right)).toEqual(
      Array.from({ length: appends }, (_, offset) => offset),
    );
    return {
      perSecond: appends / seconds,
      refusedShare: (consumed.refused - before.refused) / appends,
      units: (consumed.writeUnits - before.writeUnits) / appends,
    };
  };

  // Java compiles what it runs often.
  await round(1, 300);
  await round(WRITERS, APPENDS);
  const alone: number[] = [];
  const together: number[] = [];
  for (let n = 0; n < ROUNDS; n++) {
    const one = await round(1, APPENDS / 4);
    const many = await round(WRITERS, APPENDS);
    const shown = (share: number) => `${(share * 100).toFixed(2)} %`;
    console.log(
      `1 writer: ${one.perSecond.toFixed(0)} appends/s, ${one.units.toFixed(2)} write units each; ` +
        `${WRITERS}: ${many.perSecond.toFixed(0)}, ${many.units.toFixed(2)}, refused ${shown(many.refusedShare)}`,
    );
    expect(one.refusedShare).toBe(0);
    expect(many.refusedShare).toBeLessThanOrEqual(0.02);
    alone.push(one.perSecond);
    together.push(many.perSecond);
  }
  close();
  expect(Math.max(...together) / Math.max(...alone)).toBeGreaterThanOrEqual(1);
}, 900_000);
