/**
 * Requests and responses whose bodies are at hand.
 *
 * The platform's own make a stream of any body, and reading it copies each byte more than once, where an
 * event brings text or bytes whole and takes them whole; those of many records are megabytes. These have
 * no body for the platform and keep what they were given.
 */

/** Text, or bytes; '' where there is no body. */
export type Given = string | Uint8Array;

/** The bytes, copied only where they are text. */
export const bytesOfGiven = (given: Given): Buffer =>
  typeof given === 'string'
    ? Buffer.from(given)
    : Buffer.from(given.buffer, given.byteOffset, given.length);

const copyOf = (given: Given): ArrayBuffer => new Uint8Array(bytesOfGiven(given)).buffer;

/** A request as an event brings it. */
export class EventRequest extends Request {
  readonly given: Given;

  constructor(url: string, init: RequestInit, given: Given) {
    super(url, init);
    this.given = given;
  }

  override readonly arrayBuffer = async (): Promise<ArrayBuffer> => copyOf(this.given);
}

/** A response as an event takes it. */
export class Answer extends Response {
  readonly given: Given;

  constructor(given: Given, init: ResponseInit) {
    super(null, init);
    this.given = given;
  }

  override readonly arrayBuffer = async (): Promise<ArrayBuffer> => copyOf(this.given);

  override readonly text = async (): Promise<string> => bytesOfGiven(this.given).toString();
}

/** The body of any request or response. */
export const givenOf = async (message: Request | Response): Promise<Given> =>
  message instanceof EventRequest || message instanceof Answer
    ? message.given
    : new Uint8Array(await message.arrayBuffer());
