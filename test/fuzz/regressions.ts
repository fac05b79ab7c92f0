/**
 * Regressions: inputs that were findings once, small, with what was wrong.
 */
import { gzipSync } from 'node:zlib';
import { encodeBatch } from '../../lib/record/encode.ts';
import { PRODUCER_IDS_KEY } from '../../lib/storage/keys/counter.ts';
import { HEAD } from '../../lib/storage/keys/head.ts';
import type { TargetName } from './targets.ts';
import { contents } from './world.ts';

interface Regression {
  readonly what: string;
  readonly target: TargetName;
  /** Not frozen: as `run` takes it. */
  readonly input: unknown;
}

const hex = (text: string): Uint8Array =>
  new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** A frame of zstd: "a", and one that is skipped. */
const ZSTD_A = '28b52ffd 20 01 090000 61';
const SKIPPED = '502a4d18 00000000';

const beyond = encodeBatch(
  Array.from({ length: 8 }, (_, timestamp) => ({ value: null, timestamp })),
  { baseOffset: Number.MAX_SAFE_INTEGER },
);

const MiB = 1024 * 1024;

const { items } = await contents();
/** The head of the partition that has most records. */
const head = items.findIndex((item) => item[HEAD.tailStart] === 36);
const producerIds = items.findIndex(({ sk }) => sk === PRODUCER_IDS_KEY.sk);

/** The newest last. */
export const REGRESSIONS: readonly Regression[] = [
  {
    what: 'records whose offsets a number cannot tell apart were read as if they had the same',
    target: 'records',
    input: { as: 'batches', bytes: beyond },
  },
  {
    what: 'of several zstd frames Node read the first',
    target: 'compression',
    input: { codec: 'zstd', bytes: hex(`${ZSTD_A} ${SKIPPED} ${ZSTD_A}`) },
  },
  {
    what: 'in a browser a bomb was unpacked before its size was looked at',
    target: 'compression',
    input: { codec: 'gzip', bytes: gzipSync(new Uint8Array(24 * MiB)) },
  },
  {
    what: 'a head without producers ended a produce in a TypeError',
    target: 'items',
    input: [{ item: head, attribute: HEAD.producers, how: 'removed', dice: 1 }],
  },
  {
    what: 'a tail that begins elsewhere was read as other records',
    target: 'items',
    input: [{ item: head, attribute: HEAD.tailStart, how: 'near', dice: 1_814_960_148 }],
  },
  {
    what: 'a damaged page was told as an error of SQLite, and held the directory',
    target: 'files',
    input: { state: 'closed', harms: [{ how: 'damaged', dice: 1_764_930_787 }] },
  },
  {
    what: 'a counter that a damaged item says is infinite was weighed for ever',
    target: 'items',
    input: [{ item: producerIds, attribute: 'value', how: 'number', dice: 1_811_754_780 }],
  },
];
