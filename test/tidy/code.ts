/** Rules about what a file says: names, sizes, docstrings, clocks, limits, tests. */
import { posix } from 'node:path';
import type { ESTree } from 'rolldown/utils';
import type { Exception } from './exceptions.ts';
import { eachSource, type Rule, type Source, visit } from './source.ts';

/** Where to split, see CONTRIBUTING.md. */
export const MAX_FILE_LINES = 400;

const excepts = (exceptions: readonly Exception[], path: string): boolean =>
  exceptions.some((exception) =>
    exception.path.endsWith('/') ? path.startsWith(exception.path) : path === exception.path,
  );

/** Files stay short enough to hold in the head. */
export const fileLength = eachSource(function* ({ text }) {
  const lines = text.split('\n').length - 1;
  if (lines > MAX_FILE_LINES) {
    const message = `has ${lines} lines, more than ${MAX_FILE_LINES}: split it where its subject changes`;
    yield { at: 0, message };
  }
});

/** A file is named for what it is about. */
export const fileNames = eachSource(function* ({ path }) {
  const name = posix.basename(path);
  if (/^(utils?|helpers?|types?|common|misc|shared)\.ts$/.test(name)) {
    const message = `is named ${name}, which says nothing: name it for the noun or verb it is about`;
    yield { at: 0, message };
  } else if (!/^[a-z0-9]+([.-][a-z0-9]+)*\.ts$/.test(name)) {
    yield { at: 0, message: `is named ${name}: use lower-case words joined by "-"` };
  }
});

/** Exports have names. */
export const namedExports = eachSource(function* ({ path, program }) {
  if (path.endsWith('.config.ts')) return;
  for (const node of program.body) {
    if (node.type === 'ExportDefaultDeclaration') {
      yield { at: node.start, message: 'has a default export: give it a name' };
    }
  }
});

// ── docstrings ───────────────────────────────────────────────────────────────────────────────────

const docsBefore = ({ text, comments }: Source, at: number): boolean =>
  comments.some(
    ({ type, value, end }) =>
      type === 'Block' && value.startsWith('*') && end <= at && text.slice(end, at).trim() === '',
  );

/** Members that say what they are, or a schema that describes itself to OpenAPI. */
const docsWithin = ({ text, comments }: Source, start: number, end: number): boolean =>
  comments.some((comment) => comment.start > start && comment.end < end) ||
  text.slice(start, end).includes('.describe(');

/** The one value that a file exports is what its opening comment is about. */
const soleValueOf = (source: Source): ESTree.Node | undefined => {
  const [first] = source.comments;
  const opens = first?.value.startsWith('*') && source.text.slice(0, first.start).trim() === '';
  const values = source.program.body.filter(
    (node) =>
      node.type === 'ExportNamedDeclaration' &&
      node.declaration !== null &&
      !node.declaration.type.startsWith('TS'),
  );
  return opens && values.length === 1 ? values[0] : undefined;
};

/**
 * Every export of `lib` says what it is: before it, inside it, on the export it stands under without
 * a blank line, or where its file opens. What fits in two lines may speak for itself.
 */
export const docstrings = eachSource(function* (source) {
  const { path, text, program, lineOf } = source;
  if (!path.startsWith('lib/')) return;
  const soleValue = soleValueOf(source);
  let documentedUntil = -1;
  for (const node of program.body) {
    if (node.type !== 'ExportNamedDeclaration' || node.declaration === null) continue;
    const { declaration } = node;
    const sharesDocs =
      documentedUntil >= 0 && !text.slice(documentedUntil, node.start).includes('\n\n');
    const isDocumented =
      sharesDocs ||
      node === soleValue ||
      lineOf(node.end) - lineOf(node.start) < 2 ||
      docsBefore(source, node.start) ||
      docsWithin(source, declaration.start, declaration.end);
    if (isDocumented) {
      documentedUntil = node.end;
      continue;
    }
    const [, name] = /(\w+)(?: *[:=<({]| extends)/.exec(text.slice(declaration.start)) ?? [];
    const message = `exports ${name} without a docstring: say what it is, its shape and units, and what it throws`;
    yield { at: node.start, message };
  }
});

// ── clocks ───────────────────────────────────────────────────────────────────────────────────────

const CLOCK_FUNCTIONS = new Set([
  'setTimeout',
  'setInterval',
  'setImmediate',
  'randomUUID',
  'randomBytes',
  'randomInt',
  'randomFillSync',
  'performance',
]);

const CLOCK_MEMBERS = new Set([
  'Date.now',
  'Math.random',
  'process.hrtime',
  'process.uptime',
  'AbortSignal.timeout',
  'crypto.randomUUID',
  'crypto.randomBytes',
  'crypto.randomInt',
  'crypto.getRandomValues',
  'Temporal.Now',
]);

const CLOCK_MODULES = /^(node:)?(timers(\/promises)?|perf_hooks)$/;

const nameOf = (node: { readonly type: string }): string | undefined =>
  node.type === 'Identifier' && 'name' in node ? String(node.name) : undefined;

/** What of time, timers and chance a file touches by itself. */
const clockUses = ({ program }: Source): readonly { at: number; what: string }[] => {
  const uses: { at: number; what: string }[] = [];
  visit(program, {
    ImportDeclaration: ({ source, specifiers, importKind, start }) => {
      if (importKind === 'type') return;
      if (CLOCK_MODULES.test(source.value)) uses.push({ at: start, what: source.value });
      for (const specifier of specifiers) {
        if (specifier.type !== 'ImportSpecifier' || specifier.importKind === 'type') continue;
        const name = nameOf(specifier.imported);
        if (name !== undefined && CLOCK_FUNCTIONS.has(name)) uses.push({ at: start, what: name });
      }
    },
    MemberExpression: ({ object, property, computed, start }) => {
      const owner = nameOf(object);
      const name = computed ? undefined : nameOf(property);
      if (owner === undefined || name === undefined) return;
      if (owner === 'performance' || CLOCK_MEMBERS.has(`${owner}.${name}`)) {
        uses.push({ at: start, what: `${owner}.${name}` });
      } else if (owner === 'globalThis' && CLOCK_FUNCTIONS.has(name)) {
        uses.push({ at: start, what: name });
      }
    },
    CallExpression: ({ callee, start }) => {
      const name = nameOf(callee);
      if (name !== undefined && CLOCK_FUNCTIONS.has(name)) uses.push({ at: start, what: name });
    },
    NewExpression: ({ callee, arguments: parameters, start }) => {
      if (nameOf(callee) === 'Date' && parameters.length === 0) {
        uses.push({ at: start, what: 'new Date()' });
      }
    },
  });
  return uses;
};

/** Time, timers and chance come through `Runtime`, so that a whole system can run from a seed. */
export const injectedClocks = (exceptions: readonly Exception[]): Rule =>
  eachSource(function* (source) {
    if (excepts(exceptions, source.path)) return;
    for (const { at, what } of clockUses(source)) {
      const message = `uses ${what}: take a Runtime (lib/model/runtime.ts) as an argument; entry points pass systemRuntime, tests a seeded one`;
      yield { at, message };
    }
  });

/** An exception that its file does not need any more is to be deleted. */
export const staleClockExceptions =
  (exceptions: readonly Exception[]): Rule =>
  (sources) =>
    exceptions
      .filter(({ path }) =>
        sources.every(
          (source) =>
            !excepts([{ path, reason: '' }], source.path) || clockUses(source).length === 0,
        ),
      )
      .map(({ path }) => ({
        path,
        line: 1,
        message:
          'has an exception in test/tidy/exceptions.ts that it does not need: delete the exception',
      }));

// ── limits ───────────────────────────────────────────────────────────────────────────────────────

/** `…_AT` is a position in a layout. */
const LIMIT_NAME = /^(MAX|MIN|DEFAULT)_(?!.*_AT$)|_(LIMIT|TIMEOUT_MS|TTL_MS)$/;

const isNumber = (node: ESTree.Expression): boolean =>
  (node.type === 'Literal' && typeof node.value === 'number') ||
  (node.type === 'BinaryExpression' &&
    node.left.type !== 'PrivateIdentifier' &&
    isNumber(node.left) &&
    isNumber(node.right));

/** Every limit that others see is in lib/model/limits.ts, where its relations to them are asserted. */
export const limitsInOnePlace = (
  exceptions: readonly (Exception & { readonly name: string })[],
): Rule =>
  eachSource(function* ({ path, program }) {
    if (!path.startsWith('lib/') || path === 'lib/model/limits.ts') return;
    for (const node of program.body) {
      if (node.type !== 'ExportNamedDeclaration') continue;
      if (node.declaration?.type !== 'VariableDeclaration') continue;
      for (const { id, init, start } of node.declaration.declarations) {
        const name = nameOf(id);
        if (name === undefined || init === null || !LIMIT_NAME.test(name) || !isNumber(init))
          continue;
        if (exceptions.some((known) => known.path === path && known.name === name)) continue;
        yield { at: start, message: `declares the limit ${name}: move it to lib/model/limits.ts` };
      }
    }
  });

// ── tests ────────────────────────────────────────────────────────────────────────────────────────

const TEST_FUNCTIONS = new Set(['it', 'test', 'describe', 'suite', 'bench']);
const SWITCHED_OFF = new Set(['skip', 'only', 'todo', 'skipIf', 'runIf', 'fails']);

/** Every test runs, everywhere. */
export const noSkippedTests = eachSource(function* ({ path, program }) {
  if (!path.startsWith('test/')) return;
  const uses: { at: number; message: string }[] = [];
  visit(program, {
    MemberExpression: ({ object, property, start }) => {
      let root = object;
      while (root.type === 'MemberExpression' || root.type === 'CallExpression') {
        root = root.type === 'MemberExpression' ? root.object : (root.callee as typeof root);
      }
      const owner = nameOf(root);
      const name = nameOf(property);
      if (owner === undefined || name === undefined) return;
      if (TEST_FUNCTIONS.has(owner) && SWITCHED_OFF.has(name)) {
        const message = `has ${owner}.${name}: run the test, or delete it`;
        uses.push({ at: start, message });
      }
    },
  });
  yield* uses;
});

// ── whose machine ────────────────────────────────────────────────────────────────────────────────

const MACHINE_PATH =
  /(?<![\w.:/*-])(?:\/(?:home|Users|root|work|mnt|workspace)\/[\w.-]+|[A-Z]:\\\\?Users)/g;

/** Nothing names a path of somebody's machine. Looks at text, so that documents can be checked as well. */
export const machinePaths = function* (
  text: string,
): Iterable<{ readonly at: number; readonly message: string }> {
  for (const { index, 0: found } of text.matchAll(MACHINE_PATH)) {
    const message = `names ${found}, a path of one machine: make it relative, or take os.tmpdir()`;
    yield { at: index, message };
  }
};
