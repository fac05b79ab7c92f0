/**
 * The plan of the house: which room may import which, and which packages belong to which rooms.
 *
 *   functions  cli  gateway  http          surfaces
 *            \  \     /     /
 *             broker ──────               the service API
 *              /   \
 *           log     groups                protocols; they do not know each other
 *              \   /
 *     storage (ports)   record → bytes
 *                  \     /
 *                   model                 imports nothing
 *
 * Adapters (`storage/memory`, `storage/aws`, …) are chosen by entry points only.
 */

/** The room of a file is the longest of these that its path begins with. */
export type Room = keyof typeof MAY_IMPORT;

const BASE = ['lib/bytes', 'lib/model'] as const;
const RECORDS = ['lib/record', ...BASE] as const;
const PROTOCOLS = ['lib/storage', ...RECORDS] as const;

/** Room → the rooms it may import besides itself. `'*'`: any. */
export const MAY_IMPORT = {
  'lib/model': [],
  'lib/bytes': ['lib/model'],
  'lib/record': BASE,
  'lib/storage': ['lib/model'],
  'lib/storage/memory': ['lib/storage', ...BASE],
  'lib/storage/embedded': ['lib/storage', ...BASE],
  'lib/storage/aws': ['lib/storage', ...BASE],
  'lib/storage/faulty': ['lib/storage', ...BASE],
  'lib/log': ['lib/log/configs.ts', ...PROTOCOLS],
  // What configs a topic may have is for CDK to know as well, which refuses at synth what the service would refuse.
  'lib/log/configs.ts': ['lib/model'],
  'lib/groups': PROTOCOLS,
  'lib/broker': ['lib/log', 'lib/log/configs.ts', 'lib/groups', ...PROTOCOLS],
  // The table of routes: what serves them, what calls them and what grants them read the one.
  'lib/http/routes.ts': [],
  'lib/http': ['lib/http/routes.ts', 'lib/broker', ...RECORDS],
  'lib/wire': RECORDS,
  'lib/gateway': ['lib/wire', 'lib/broker', ...RECORDS],
  'lib/client': RECORDS,
  'lib/client/aws': ['lib/client', 'lib/http/routes.ts', ...RECORDS],
  'lib/pipelines': ['lib/client', ...RECORDS],
  'lib/local': '*',
  'lib/cli': ['lib/client', 'lib/client/aws', 'lib/http', 'lib/local', 'lib/broker', ...RECORDS],
  'lib/index.ts': ['lib/client', ...RECORDS],
  functions: '*',
  infra: ['lib/http', 'lib/http/routes.ts', 'lib/log/configs.ts', 'lib/model'],
  examples: ['lib/index.ts'],
  test: '*',
  bench: '*',
} as const satisfies Record<string, readonly string[] | '*'>;

/** The only importers of adapters. */
export const ENTRY_ROOMS: readonly string[] = ['functions/lambda', 'lib/local', 'test', 'bench'];

/** A room directly under this one is an adapter, unless it is named here. */
export const ADAPTERS = 'lib/storage/';
export const NOT_ADAPTERS: readonly string[] = ['lib/storage/keys'];

/** Packages that only some rooms may import, with the reason that the message gives. */
export const PACKAGES_OF_ROOMS: readonly {
  readonly packages: RegExp;
  readonly rooms: readonly string[];
  readonly reason: string;
}[] = [
  {
    packages:
      /^@aws-sdk\/|^@aws-crypto\/|^@smithy\/|^@aws-lambda-powertools\/|^@types\/aws-lambda$|^aws-lambda$/,
    rooms: ['lib/storage/aws', 'lib/client/aws', 'lib/pipelines', 'functions', 'test', 'bench'],
    reason: 'everything else must run without AWS',
  },
  {
    packages: /^aws-cdk-lib(\/|$)|^constructs$/,
    rooms: ['infra', 'test'],
    reason: 'CDK describes the stack and is never part of what runs',
  },
  {
    packages: /^node:sqlite$/,
    rooms: ['lib/storage/embedded', 'test', 'bench'],
    reason: 'SQLite is one adapter among others',
  },
];

/**
 * What runs in Lambda only. It ships inside the functions' bundles, and with it what it needs: nobody who
 * installs the package installs that.
 */
export const BUNDLED_ROOMS: readonly string[] = [
  'functions/lambda',
  'functions/maintain.ts',
  'functions/topic-resource.ts',
  'lib/storage/aws',
];

/** Packages with native code: fast where they run, and absent from an arm64 bundle built on x64. */
export const NATIVE_PACKAGES = /^@node-rs\//;

/** What runs in browsers too: what these reach imports no Node module, and nothing of the service. */
export const PORTABLE_ENTRIES: readonly string[] = ['lib/index.ts'];
export const PORTABLE_ROOMS: readonly string[] = ['lib/index.ts', 'lib/client', ...RECORDS];

/** Where a running program begins, besides what package.json's `exports` and `bin` name. */
export const ENTRY_FILES: readonly RegExp[] = [
  /^functions\/[^/]+\.ts$/,
  /^infra\/app\.ts$/,
  /^bench\/main\.ts$/,
  /^test\/.*\.test\.ts$/,
  /^test\/torture\/main\.ts$/,
  /^test\/sim\/main\.ts$/,
  /^test\/sim\/mutants\/(main|hunt)\.ts$/,
  /^test\/fuzz-api\/main\.ts$/,
  /^test\/e2e\/(app\/)?main\.ts$/,
  /^test\/stores\/main\.ts$/,
  /^infra\/index\.ts$/,
  /^test\/fuzz\/(main|worker)\.ts$/,
  /^examples\/.*\.ts$/,
  /^[^/]+\.ts$/,
];

/** Rooms of `lib` that only tests reach, and why they stay. */
export const TEST_ONLY_ROOMS: readonly { readonly room: string; readonly reason: string }[] = [
  { room: 'lib/storage/memory', reason: 'the store of simulations and unit tests' },
  { room: 'lib/storage/faulty', reason: 'wraps any store with faults, in simulations' },
];

/** The longest room that `path` lies in. */
export const roomOf = (path: string): Room | undefined => {
  let best: Room | undefined;
  for (const room of Object.keys(MAY_IMPORT) as Room[]) {
    if ((path === room || path.startsWith(`${room}/`)) && room.length > (best?.length ?? 0)) {
      best = room;
    }
  }
  return best;
};

/** Whether `path` is one of these files or lies in one of these rooms. */
export const liesIn = (path: string, rooms: readonly string[]): boolean =>
  rooms.some((room) => path === room || path.startsWith(`${room}/`));
