/** Inputs as text: JSON, in which bytes are `{"hex": "…"}`. */

const isBytesJson = (value: unknown): value is { readonly hex: string } =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as { hex?: unknown }).hex === 'string';

/** As text, for a file or another thread. */
export const frozen = (input: unknown): string =>
  // A Buffer has made JSON of itself by the time the value is handed over: asked for where it lies.
  JSON.stringify(input, function (this: Readonly<Record<string, unknown>>, key, value: unknown) {
    const raw = this[key];
    return raw instanceof Uint8Array ? { hex: Buffer.from(raw).toString('hex') } : value;
  });

/** What `frozen` was given. */
export const thawed = (text: string): unknown =>
  JSON.parse(text, (_key, value: unknown) =>
    isBytesJson(value) ? new Uint8Array(Buffer.from(value.hex, 'hex')) : value,
  );
