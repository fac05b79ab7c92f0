/**
 * The targets, once: the command line, the tests and the threads read this.
 *
 * The engine is our own. Jazzer.js 4.0.0, the coverage-guided one that is kept, comes with a prebuilt
 * addon that asks for glibc 2.38 (Debian 12 has 2.36) and is built with CMake otherwise; fast-check has
 * no watch over a hang or memory. So inputs are built by the real encoders and then spoilt, which gets
 * behind checksums where coverage alone does not.
 */
import type { Target } from './target.ts';

interface Listed {
  /** What is fed with what. */
  readonly about: string;
  load(): Promise<Target>;
}

/** Loaded when asked for: a thread needs the code of one. */
export const TARGETS = {
  records: {
    about: 'record batches and frames: validate, split, decode, patch',
    load: async () => (await import('./targets/records.ts')).records,
  },
  compression: {
    about: 'compressed records: gzip, snappy, LZ4 and zstd, damaged and as bombs',
    load: async () => (await import('./targets/compression.ts')).compression,
  },
  http: {
    about: "requests and events to the functions' apps, over stores in memory",
    load: async () => (await import('./targets/http.ts')).http,
  },
  items: {
    about: 'stored items with spoilt attributes, under every verb of the broker',
    load: async () => (await import('./targets/items.ts')).items,
  },
  objects: {
    about: 'WAL objects damaged, cut, swapped and lost, under reads',
    load: async () => (await import('./targets/objects.ts')).objects,
  },
  files: {
    about: 'the files of a data directory, harmed between two runs',
    load: async () => (await import('./targets/files.ts')).files,
  },
  planted: {
    about: 'faults planted for the tests of the engine; not among "all"',
    load: async () => (await import('./targets/planted.ts')).planted,
  },
} as const satisfies Record<string, Listed>;

export type TargetName = keyof typeof TARGETS;

/** All but the planted one. */
export const TARGET_NAMES = (Object.keys(TARGETS) as TargetName[]).filter(
  (name) => name !== 'planted',
);

/** @throws when there is none of this name */
export const targetNamed = (name: string): Promise<Target> => {
  const listed = (TARGETS as Readonly<Record<string, Listed>>)[name];
  if (listed === undefined) throw new Error(`There is no target ${name}.`);
  return listed.load();
};
