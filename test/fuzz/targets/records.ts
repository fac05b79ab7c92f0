/**
 * Records: what a producer sends and a reader decodes, as one row of batches or as frames.
 *
 *   bytes ─┬─ split ── validate ── decode ── patch ── decode again      of batches
 *          └─ frames ── the same of each frame's batches
 */
import assert from 'node:assert/strict';
import { splitIntoRuns } from '../../../lib/log/append/run.ts';
import { StratalogError } from '../../../lib/model/errors.ts';
import { MAX_RECORDS_PER_BATCH } from '../../../lib/model/limits.ts';
import { splitBatches } from '../../../lib/record/batches.ts';
import { type DecodedBatch, decodeBatch } from '../../../lib/record/decode.ts';
import { encodeBatch } from '../../../lib/record/encode.ts';
import { decodeFrames, encodeFrames } from '../../../lib/record/frames.ts';
import { checkIntegrity } from '../../../lib/record/header.ts';
import {
  writeBaseOffset,
  writeLogAppendTime,
  writePartitionLeaderEpoch,
} from '../../../lib/record/patch.ts';
import { type BatchInfo, validateBatches, validateDeep } from '../../../lib/record/validate.ts';
import { anyBatch, repaired, withField, withRecords } from '../batches.ts';
import type { Chance } from '../chance.ts';
import { smallerBytes } from '../smaller.ts';
import { joined, spliced, spoilt } from '../spoil.ts';
import type { Target } from '../target.ts';

interface Body {
  readonly as: 'batches' | 'frames';
  readonly bytes: Uint8Array;
}

const spoiltBatch = (chance: Chance): Uint8Array => {
  const batch = anyBatch(chance);
  switch (chance.below(7)) {
    case 0:
      return batch;
    case 1:
      return spoilt(batch, chance);
    case 2:
      return repaired(spoilt(batch, chance));
    case 3:
      return repaired(withField(batch, chance));
    case 4:
      return repaired(withRecords(batch, chance));
    case 5:
      return repaired(withRecords(withField(batch, chance), chance));
    default:
      return repaired(spliced(batch, anyBatch(chance), chance));
  }
};

const rowOf = (chance: Chance): Uint8Array =>
  joined(...Array.from({ length: chance.pick([1, 1, 1, 2, 4]) }, () => spoiltBatch(chance)));

const METAS = [
  undefined,
  {},
  { expectedEnd: 5 },
  { error: { code: 'X' } },
  { a: [1, null] },
] as const;

const framesOf = (chance: Chance): Uint8Array => {
  const frames = Array.from({ length: chance.between(1, 3) }, () => {
    const meta = chance.pick(METAS);
    const batches = [rowOf(chance)];
    const partition = chance.pick([0, 1, 0x7fffffff]);
    return meta === undefined ? { partition, batches } : { partition, meta, batches };
  });
  return encodeFrames(frames);
};

const bodyOf = (chance: Chance): Body => {
  if (chance.flip(0.03)) {
    return { as: chance.pick(['batches', 'frames']), bytes: chance.bytes(chance.below(200)) };
  }
  if (chance.flip(0.8)) {
    const row = rowOf(chance);
    return { as: 'batches', bytes: chance.flip(0.1) ? spoilt(row, chance) : row };
  }
  const frames = framesOf(chance);
  return { as: 'frames', bytes: chance.flip() ? spoilt(frames, chance) : frames };
};

// ── what must hold ───────────────────────────────────────────────────────────────────────────────

/** What surrounds the bytes in memory, to tell who reads or writes beyond them. */
const MARGIN = 64;
const MARGIN_BYTE = 0xa5;

/** What `run` answers, or the code of its error. @throws what is no StratalogError */
const told = <T>(run: () => T): T | string => {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof StratalogError)) throw error;
    assert(error.message.length < 600, `a message of ${error.message.length} characters`);
    return error.code;
  }
};

const isWithin = (view: Uint8Array | null, whole: Uint8Array): boolean =>
  view === null ||
  (view.buffer === whole.buffer &&
    view.byteOffset >= whole.byteOffset &&
    view.byteOffset + view.length <= whole.byteOffset + whole.length);

const holdValidated = (row: Uint8Array, infos: readonly BatchInfo[]): void => {
  const { batches, truncatedBytes } = splitBatches(row);
  assert.equal(truncatedBytes, 0);
  assert.equal(infos.length, batches.length);
  assert.deepEqual(
    infos.map(({ sizeBytes }) => sizeBytes),
    batches.map(({ length }) => length),
  );
  for (const info of infos) {
    assert(info.recordCount >= 1 && info.recordCount <= MAX_RECORDS_PER_BATCH);
    assert(info.maxTimestamp >= -1 && info.baseTimestamp >= -1);
    assert(!info.isControl);
    assert(info.producerId >= -1 && info.producerEpoch >= -1 && info.baseSequence >= -1);
    assert.equal(info.producerId < 0, info.producerEpoch < 0);
    assert.equal(info.producerId < 0, info.baseSequence < 0);
  }
  const runs = splitIntoRuns(row, infos);
  assert.equal(
    runs.reduce((sum, { bytes }) => sum + bytes.length, 0),
    row.length,
  );
  const records = infos.reduce((sum, { recordCount }) => sum + recordCount, 0);
  assert.equal(
    runs.reduce((sum, { recordCount }) => sum + recordCount, 0),
    records,
  );
};

const holdDecoded = (batch: Uint8Array, { header, records }: DecodedBatch): void => {
  assert.equal(records.length, header.recordCount);
  for (const { offset, key, value, headers } of records) {
    assert(offset >= header.baseOffset && offset <= header.baseOffset + header.lastOffsetDelta);
    assert(isWithin(key, batch) && isWithin(value, batch));
    assert(headers.every((one) => isWithin(one.value, batch)));
  }
  const isRow = records.every(({ offset }, at) => offset === header.baseOffset + at);
  const hasOwnTimes = header.timestampType === 'CreateTime';
  if (records.length === 0 || !isRow || !hasOwnTimes) return;
  // The encoder takes neither: what it makes has deltas that are safe integers.
  if (records.some(({ timestamp }) => timestamp < -1 || !Number.isSafeInteger(timestamp + 1)))
    return;
  // A key that is no UTF-8 comes back as another one: that much is lost, and no more.
  const again = decodeBatch(encodeBatch(records, { baseOffset: header.baseOffset })).records;
  assert.deepEqual(again, records);
};

/** What a broker rewrites changes nothing else. */
const holdPatched = (batch: Uint8Array, { header, records }: DecodedBatch): void => {
  const copy = new Uint8Array(batch);
  const baseOffset = 12_345_678_901;
  writeBaseOffset(copy, baseOffset);
  writePartitionLeaderEpoch(copy, 0);
  checkIntegrity(copy);
  const moved = decodeBatch(copy);
  const by = baseOffset - header.baseOffset;
  assert.deepEqual(
    moved.records.map(({ offset }) => offset),
    records.map(({ offset }) => offset + by),
  );
  writeLogAppendTime(copy, 1_600_000_000_000);
  for (const { timestamp } of decodeBatch(copy).records) assert.equal(timestamp, 1_600_000_000_000);
};

const runRow = (row: Uint8Array): string => {
  const split = told(() => splitBatches(row));
  const infos = told(() => validateBatches(row));
  if (typeof infos !== 'string') holdValidated(row, infos);
  if (typeof split === 'string') {
    assert(typeof infos === 'string', 'what cannot be split was validated');
    return `refused ${infos}`;
  }
  const { batches, truncatedBytes } = split;
  assert.equal(
    batches.reduce((sum, { length }) => sum + length, truncatedBytes),
    row.length,
  );
  let worst = 'decoded';
  for (const [index, batch] of batches.entries()) {
    assert(isWithin(batch, row));
    const decoded = told(() => decodeBatch(batch));
    const deep = told(() => validateDeep(batch));
    if (typeof decoded === 'string') {
      assert(typeof deep === 'string', 'what cannot be decoded was validated deeply');
      worst = `unreadable ${decoded}`;
      continue;
    }
    if (typeof deep !== 'string' && typeof infos !== 'string') assert.deepEqual(deep, infos[index]);
    holdDecoded(batch, decoded);
    if (Number.isSafeInteger(decoded.header.baseOffset)) holdPatched(batch, decoded);
  }
  return typeof infos === 'string' ? `refused ${infos}, ${worst}` : `accepted, ${worst}`;
};

const runFrames = (body: Uint8Array): string => {
  const frames = told(() => decodeFrames(body));
  if (typeof frames === 'string') return `frames refused ${frames}`;
  for (const { partition, batches } of frames) {
    assert(partition >= 0 && isWithin(batches, body));
    runRow(batches);
  }
  const again = encodeFrames(frames.map((frame) => ({ ...frame, batches: [frame.batches] })));
  assert.deepEqual(decodeFrames(again), frames);
  return 'frames decoded';
};

/** The row without a batch, or with one that is smaller and whole. */
function* smallerRow(row: Uint8Array): Generator<Uint8Array> {
  const batches = told(() => splitBatches(row).batches);
  if (typeof batches === 'string') return;
  for (let at = 0; batches.length > 1 && at < batches.length; at++) {
    yield joined(...batches.toSpliced(at, 1));
  }
  for (const [at, batch] of batches.entries()) {
    for (const fewer of smallerBytes(batch)) yield joined(...batches.with(at, repaired(fewer)));
  }
}

/** The whole of what the codec has, on one input. */
export const records: Target<Body> = {
  // `told` counts refusals; none comes out.
  allowed: [],
  make: bodyOf,
  run: ({ as, bytes }) => {
    const memory = new Uint8Array(bytes.length + 2 * MARGIN).fill(MARGIN_BYTE);
    memory.set(bytes, MARGIN);
    const before = new Uint8Array(memory);
    const view = memory.subarray(MARGIN, MARGIN + bytes.length);
    const outcome = as === 'batches' ? runRow(view) : runFrames(view);
    assert(Buffer.compare(memory, before) === 0, 'the input was written to');
    return outcome;
  },
  *smaller({ as, bytes }) {
    if (as === 'batches') for (const fewer of smallerRow(bytes)) yield { as, bytes: fewer };
    for (const fewer of smallerBytes(bytes)) yield { as, bytes: fewer };
  },
};
