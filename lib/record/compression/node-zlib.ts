/**
 * Node's zlib where this is Node, without an import that a browser's bundle would fail on.
 *
 * Node 20 has no zstd, and before 20.16 there is no way to ask: then it is as in a browser.
 */

type Zlib = NonNullable<ReturnType<NonNullable<typeof process.getBuiltinModule<'node:zlib'>>>>;

/** `node:zlib`, of which zstd may be missing; undefined where this is no Node. */
export const nodeZlib: (Omit<Zlib, ZstdName> & Partial<Pick<Zlib, ZstdName>>) | undefined =
  globalThis.process?.getBuiltinModule?.('node:zlib');

type ZstdName = 'zstdCompressSync' | 'zstdDecompressSync';
