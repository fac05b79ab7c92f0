/** Rules about who imports whom. */
import { isBuiltin } from 'node:module';
import {
  ADAPTERS,
  BUNDLED_ROOMS,
  ENTRY_FILES,
  ENTRY_ROOMS,
  liesIn,
  MAY_IMPORT,
  NATIVE_PACKAGES,
  NOT_ADAPTERS,
  PACKAGES_OF_ROOMS,
  PORTABLE_ENTRIES,
  PORTABLE_ROOMS,
  roomOf,
  TEST_ONLY_ROOMS,
} from './house.ts';
import type { Finding, Rule, Source } from './source.ts';

const adapterOf = (path: string): string | undefined => {
  if (!path.startsWith(ADAPTERS)) return undefined;
  const [name, ...rest] = path.slice(ADAPTERS.length).split('/');
  const room = `${ADAPTERS}${name}`;
  return rest.length === 0 || NOT_ADAPTERS.includes(room) ? undefined : room;
};

/** Imports point down, and adapters are chosen by entry points. */
export const imports: Rule = (sources) => {
  const findings: Finding[] = [];
  for (const { path, imports } of sources) {
    const room = roomOf(path);
    if (room === undefined && path.includes('/')) {
      findings.push({
        path,
        line: 1,
        message:
          'lies in no room of the house: put it into one, or add its room to test/tidy/house.ts',
      });
      continue;
    }
    const allowed = room === undefined ? [] : MAY_IMPORT[room];
    for (const { target, line } of imports) {
      if (target === undefined) continue;
      const other = roomOf(target);
      if (other === undefined || other === room) continue;
      const adapter = adapterOf(target);
      if (adapter !== undefined && adapter !== adapterOf(path)) {
        if (!liesIn(path, ENTRY_ROOMS)) {
          findings.push({
            path,
            line,
            message: `imports the adapter ${adapter}: take the port from lib/storage/ports.ts as an argument; only ${ENTRY_ROOMS.join(', ')} choose adapters`,
          });
        }
      } else if (allowed !== '*' && !(allowed as readonly string[]).includes(other)) {
        findings.push({
          path,
          line,
          message: `${room ?? path} must not import ${other}: imports point down (the table is MAY_IMPORT in test/tidy/house.ts); move the code to the lower room or pass it in`,
        });
      }
    }
  }
  return findings;
};

/** `@scope/name` or `name` of a specifier. */
const packageOf = (specifier: string): string =>
  specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

/** Packages are declared, what ships needs no development package, and some belong to rooms. */
export const packages =
  (manifest: {
    readonly dependencies?: Readonly<Record<string, string>>;
    readonly peerDependencies?: Readonly<Record<string, string>>;
    readonly devDependencies?: Readonly<Record<string, string>>;
  }): Rule =>
  (sources) => {
    const findings: Finding[] = [];
    for (const { path, imports } of sources) {
      for (const { specifier, target, typeOnly, line } of imports) {
        if (target !== undefined) continue;
        for (const { packages, rooms, reason } of PACKAGES_OF_ROOMS) {
          if (packages.test(specifier) && !liesIn(path, rooms)) {
            findings.push({
              path,
              line,
              message: `imports ${specifier}, which belongs to ${rooms.join(', ')}: ${reason}`,
            });
          }
        }
        if (isBuiltin(specifier)) continue;
        const name = packageOf(specifier);
        const types = `@types/${name.replace('@', '').replace('/', '__')}`;
        const ships =
          liesIn(path, ['lib', 'functions', 'infra']) && !liesIn(path, BUNDLED_ROOMS) && !typeOnly;
        const declared = ships
          ? { ...manifest.dependencies, ...manifest.peerDependencies }
          : { ...manifest.dependencies, ...manifest.devDependencies };
        if (!(name in declared) && !(typeOnly && types in declared)) {
          findings.push({
            path,
            line,
            message: `imports ${name}, which package.json does not list under ${ships ? 'dependencies or peerDependencies (what ships needs it at run time)' : 'dependencies or devDependencies'}`,
          });
        }
      }
    }
    return findings;
  };

/** Every file reached from `entries`, and for each the file that led there. */
const reach = (
  sources: readonly Source[],
  entries: readonly string[],
  follow: (edge: Source['imports'][number]) => boolean,
): ReadonlyMap<string, string | undefined> => {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const from = new Map<string, string | undefined>(entries.map((path) => [path, undefined]));
  const queue = [...entries];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const source = byPath.get(path);
    if (source === undefined) continue;
    for (const target of [
      ...source.imports.filter(follow).map((edge) => edge.target),
      ...source.programs,
    ]) {
      if (target === undefined || from.has(target)) continue;
      from.set(target, path);
      queue.push(target);
    }
  }
  return from;
};

/** No file is dead. What only tests reach is dead too, in `lib`, but for the rooms of TEST_ONLY_ROOMS. */
export const reachable =
  (packageEntries: readonly string[]): Rule =>
  (sources) => {
    const entries = [...packageEntries, ...sources.map(({ path }) => path)].filter(
      (path) => packageEntries.includes(path) || ENTRY_FILES.some((entry) => entry.test(path)),
    );
    const testOnly = TEST_ONLY_ROOMS.map(({ room }) => room);
    const running = reach(
      sources,
      entries.filter((path) => !liesIn(path, ['test', 'examples'])),
      () => true,
    );
    const all = reach(sources, entries, () => true);
    return sources.flatMap(({ path }) => {
      const mayBeTestOnly = !path.startsWith('lib/') || liesIn(path, testOnly);
      if ((mayBeTestOnly ? all : running).has(path)) return [];
      const message = all.has(path)
        ? 'is reached from tests only: import it from where it runs, delete it, or move it to test/'
        : 'is reached from nowhere: import it from where it runs, or delete it';
      return [{ path, line: 1, message }];
    });
  };

/** What goes into a Lambda bundle is JavaScript only. */
export const noNativeInFunctions: Rule = (sources) => {
  const functions = sources.map(({ path }) => path).filter((path) => path.startsWith('functions/'));
  const from = reach(sources, functions, (edge) => !edge.typeOnly);
  return sources.flatMap(({ path, imports }) =>
    !from.has(path)
      ? []
      : imports
          .filter(({ specifier, typeOnly }) => !typeOnly && NATIVE_PACKAGES.test(specifier))
          .map(({ specifier, line }) => {
            const way = [path];
            for (let at = from.get(path); at !== undefined; at = from.get(at)) way.unshift(at);
            const message = `imports the native addon ${specifier} and goes into a Lambda bundle (${way.join(' → ')}): let lib/local choose it, and pass it in`;
            return { path, line, message };
          }),
  );
};

/** What the SDK reaches runs where there is no Node: no module of it, no Buffer, and no part of the service. */
export const portable: Rule = (sources) => {
  const from = reach(sources, PORTABLE_ENTRIES, (edge) => !edge.typeOnly);
  return sources.flatMap(({ path, text, imports, lineOf }) => {
    if (!from.has(path)) return [];
    const findings: Finding[] = [];
    for (const { specifier, target, typeOnly, line } of imports) {
      if (typeOnly) continue;
      if (isBuiltin(specifier)) {
        const message = `imports ${specifier}, and the SDK reaches it: use what browsers have too, or process.getBuiltinModule where it is there`;
        findings.push({ path, line, message });
      } else if (target !== undefined && !liesIn(target, PORTABLE_ROOMS)) {
        const message = `imports ${target}, and the SDK reaches it: what the service is made of stays out of the SDK`;
        findings.push({ path, line, message });
      }
    }
    for (const { index } of text.matchAll(/(?<![\w.])Buffer\.\w+\(/g)) {
      const message = 'uses Buffer, and the SDK reaches it: lib/bytes has what browsers can run';
      findings.push({ path, line: lineOf(index), message });
    }
    return findings;
  });
};
