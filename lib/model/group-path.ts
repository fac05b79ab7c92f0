/**
 * A group id as one segment of a path, for server and client alike.
 *
 * Kafka's clients choose ids freely, and paths, policies and routers do not: so every byte of the id's
 * UTF-8 other than `[a-zA-Z0-9._-]` is written `~XX` (upper-case hex), and the ids `.` and `..` as
 * `~2E` and `~2E~2E`.
 *
 *   billing.v2   billing.v2
 *   a b/ü        a~20b~2F~C3~BC
 *
 * Each id has this one spelling, and every other is refused: a policy that names a path has named one
 * group, and what is authorised and what is done do not differ.
 */
import { StratalogError } from './errors.ts';
import { type GroupId, groupId } from './ids.ts';
import { MAX_GROUP_ID_LENGTH } from './limits.ts';

const PLAIN = /[a-zA-Z0-9._-]/;
const SEGMENT = /^(?:[a-zA-Z0-9._-]|~[0-9A-F]{2})+$/;
/** A UTF-16 unit takes at most three bytes of UTF-8, and a byte at most three characters. */
const MAX_SEGMENT_LENGTH = MAX_GROUP_ID_LENGTH * 3 * 3;
const MAX_SHOWN = 60;

const escaped = (byte: number): string => `~${byte.toString(16).toUpperCase().padStart(2, '0')}`;

const written = (byte: number): string => {
  const character = String.fromCharCode(byte);
  return byte < 0x80 && PLAIN.test(character) ? character : escaped(byte);
};

/** The segment that names `group`. */
export const groupSegment = (group: GroupId): string => {
  const bytes = [...new TextEncoder().encode(group)];
  return bytes.map(group === '.' || group === '..' ? escaped : written).join('');
};

/** What the segment says, by bytes; undefined when it is no spelling of anything. */
const spelled = (segment: string): string | undefined => {
  if (segment.length > MAX_SEGMENT_LENGTH || !SEGMENT.test(segment)) return undefined;
  const bytes = segment.replaceAll(/~(..)/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  try {
    const units = Uint8Array.from(bytes, (character) => character.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(units);
  } catch {
    return undefined;
  }
};

/**
 * The group that a segment names.
 * @throws INVALID_GROUP_ID when the id is not legal, or not spelled as `groupSegment` spells it
 */
export const groupOfSegment = (segment: string): GroupId => {
  const id = spelled(segment);
  const group = id === undefined ? undefined : groupId(id);
  if (group !== undefined && groupSegment(group) === segment) return group;
  const shown = segment.length > MAX_SHOWN ? `${segment.slice(0, MAX_SHOWN)}…` : segment;
  const advice =
    group === undefined
      ? 'Write each byte of its UTF-8 other than a-z, A-Z, 0-9, ".", "_", "-" as "~" and two upper-case hex digits, such as "~20" for a blank.'
      : `The group's one spelling is ${JSON.stringify(groupSegment(group))}.`;
  throw new StratalogError(
    'INVALID_GROUP_ID',
    `The path names a group by ${JSON.stringify(shown)}, which is not how a group id is written in a path. ${advice}`,
    { context: { group: shown } },
  );
};
