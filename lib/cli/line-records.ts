/**
 * From a line of the input to the record it stands for.
 *
 *   text   the line is the value; with a separator what comes before the first one is the key
 *   json   {"key": "a", "value": "b", "headers": {…}, "timestamp": 1795253400000, "partition": 0}
 *
 * What is wrong with a line is told as the end of a sentence that begins with its number.
 */
import {
  badLine,
  headersBytes,
  type LineMessage,
  type LineOptions,
  messageHeaders,
  roomForRecord,
  tooLong,
} from './line-message.ts';

export interface LineReader {
  /** Longer lines cannot be a record that the topic takes. */
  readonly maxLineBytes: number;
  /**
   * Undefined: the line stands for nothing. `bytes` undefined: it was longer than `maxLineBytes`.
   * @param now ms, for records that say no time
   * @throws INVALID_RECORD, MESSAGE_TOO_LARGE
   */
  read(bytes: Uint8Array | undefined, now: number): LineMessage | undefined;
}

/** `\u0001` is one byte of text. */
const JSON_BYTES_PER_BYTE = 6;
/** Field names and numbers of a line of JSON. */
const JSON_FRAME_BYTES = 4096;

const textReader = ({ keySeparator, headers: added }: LineOptions) => {
  const headers = messageHeaders(added);
  if (keySeparator === undefined) {
    return (value: Uint8Array, timestamp: number): LineMessage => ({ value, headers, timestamp });
  }
  const separator = Buffer.from(keySeparator);
  return (line: Uint8Array, timestamp: number): LineMessage => {
    const at = Buffer.from(line.buffer, line.byteOffset, line.length).indexOf(separator);
    if (at < 0) throw badLine(`there is no ${JSON.stringify(keySeparator)} in it to end the key.`);
    const value = line.subarray(at + separator.length);
    return { key: line.subarray(0, at), value, headers, timestamp };
  };
};

/** How lines of this input become records. */
export const lineReader = async (options: LineOptions): Promise<LineReader> => {
  const { input, headers } = options;
  const room = roomForRecord(options);
  if (input === 'text') {
    const maxLineBytes = Math.max(0, room - headersBytes(headers));
    const readText = textReader(options);
    return {
      maxLineBytes,
      read: (bytes, now) => {
        if (bytes === undefined) throw tooLong(maxLineBytes);
        return readText(bytes, now);
      },
    };
  }
  // Loaded here: the schemas of the HTTP API take longer to load than all the rest.
  const { jsonLineReader } = await import('./json-lines.ts');
  const readJson = jsonLineReader(options, room);
  return {
    maxLineBytes: room * JSON_BYTES_PER_BYTE + JSON_FRAME_BYTES,
    read: (bytes, now) => {
      if (bytes === undefined) throw tooLong(room);
      return readJson(bytes, now);
    },
  };
};
