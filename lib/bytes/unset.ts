/** Room for bytes that are all about to be written: Node can leave out setting them to zero first. */
const NodeBuffer: typeof globalThis.Buffer | undefined = globalThis.Buffer;

/** `sizeBytes` bytes of any value, in a buffer of their own. */
export const unsetBytes = (sizeBytes: number): Uint8Array<ArrayBuffer> =>
  NodeBuffer === undefined
    ? new Uint8Array(sizeBytes)
    : new Uint8Array(NodeBuffer.allocUnsafeSlow(sizeBytes).buffer);
