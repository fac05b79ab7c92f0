/**
 * Regressions: inputs that were findings once, small, with what was wrong.
 */
import type { TargetName } from './targets.ts';

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
/** Eight records of seven bytes from the offset 2⁵³ − 1 on. */
const BEYOND = `001fffffffffffff 00000069 00000000 02 c52adeea 0000 00000007
  0000000000000000 0000000000000000 ffffffffffffffff ffff ffffffff 00000008
  0c0000000101 00 0c0000020101 00 0c0000040101 00 0c0000060101 00
  0c0000080101 00 0c00000a0101 00 0c00000c0101 00 0c00000e0101 00`.replaceAll('\n', '');

/** The newest last. */
export const REGRESSIONS: readonly Regression[] = [
  {
    what: 'records whose offsets a number cannot tell apart were read as if they had the same',
    target: 'records',
    input: { as: 'batches', bytes: hex(BEYOND) },
  },
  {
    what: 'of several zstd frames Node read the first',
    target: 'compression',
    input: { codec: 'zstd', bytes: hex(`${ZSTD_A} ${SKIPPED} ${ZSTD_A}`) },
  },
  {
    what: 'an item of a list that is none ended a produce in a TypeError',
    target: 'items',
    input: [{ item: 5, attribute: 'p', how: 'removed', dice: 1 }],
  },
  {
    what: 'a tail that begins elsewhere was read as other records',
    target: 'items',
    input: [{ item: 2, attribute: 'ts', how: 'near', dice: 1_814_960_148 }],
  },
  {
    what: 'a damaged page was told as an error of SQLite, and held the directory',
    target: 'files',
    input: { state: 'closed', harms: [{ how: 'damaged', dice: 1_764_930_787 }] },
  },
];
