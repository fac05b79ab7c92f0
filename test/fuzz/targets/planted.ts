/**
 * Planted: code with faults that the tests of the engine know of. Two letters lead to each.
 *
 *   … C R → crashes    … H A → never ends    … M E → keeps memory    … O K → tells an error that is allowed
 */
import { StratalogError } from '../../../lib/model/errors.ts';
import { smallerBytes } from '../smaller.ts';
import type { Target } from '../target.ts';

const kept: Uint8Array[] = [];
const WORDS = ['CR', 'HA', 'ME', 'OK'] as const;

/** @throws on its own account, which is what it is for */
const parse = (text: string): string => {
  if (text.includes('CR')) throw new TypeError(`cannot read ${text.length} characters`);
  if (text.includes('HA')) for (;;);
  if (text.includes('ME')) kept.push(new Uint8Array(64 * 1024 * 1024).fill(1));
  if (text.includes('OK')) throw new StratalogError('INVALID_RECORD', 'a known refusal');
  return 'accepted';
};

/** Hexadecimal noise, with one of the words in it now and then. */
export const planted: Target<Uint8Array> = {
  allowed: ['INVALID_RECORD'],
  make: (chance) => {
    const noise = Buffer.from(chance.bytes(chance.between(0, 40))).toString('hex');
    const at = chance.below(noise.length + 1);
    const word = chance.flip(1 / 32) ? chance.pick(WORDS) : '';
    return new Uint8Array(Buffer.from(noise.slice(0, at) + word + noise.slice(at)));
  },
  run: (bytes) => parse(Buffer.from(bytes).toString('latin1')),
  smaller: smallerBytes,
};
