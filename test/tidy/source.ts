/**
 * A source file as the rules see it: parsed once, with what it imports and where.
 *
 * TypeScript 7 has no stable JavaScript API, so the parser is oxc, which Vitest's own bundler brings: it
 * reads type syntax, keeps comments out of the tree and never mistakes a string for code.
 */
import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { type ParseResult, parseSync, Visitor, type VisitorObject } from 'rolldown/utils';

/** One module specifier of a file. */
export interface Import {
  readonly specifier: string;
  /** The file it names, from the root; undefined for a package or a Node module. */
  readonly target: string | undefined;
  /** Erased when the file runs. */
  readonly typeOnly: boolean;
  readonly line: number;
}

export interface Source {
  /** From the root, `/`-separated. */
  readonly path: string;
  readonly text: string;
  readonly program: ParseResult['program'];
  readonly comments: ParseResult['comments'];
  readonly imports: readonly Import[];
  /** Files that it names by a relative path without importing them: programs that it starts. */
  readonly programs: readonly string[];
  readonly lineOf: (position: number) => number;
}

/** What a rule has to say. The message tells what to do. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/** Looks at all files at once; most rules look at one at a time (`eachSource`). */
export type Rule = (sources: readonly Source[]) => readonly Finding[];

/** By the package's own name, what it offers: how examples import it, as their readers will. */
const OWN_NAME: ReadonlyMap<string, string> = new Map([['stratalog', 'lib/index.ts']]);

const lineFinder = (text: string): Source['lineOf'] => {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (position) => {
    let line = starts.findIndex((start) => start > position);
    if (line < 0) line = starts.length;
    return line;
  };
};

/** Parses `text` as the TypeScript file `path`. */
export const parseSource = (path: string, text: string): Source => {
  const { program, comments, module, errors } = parseSync(path, text, { preserveParens: false });
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`);
  const lineOf = lineFinder(text);
  const imports: Import[] = [];
  const programs: string[] = [];
  const fromHere = (relative: string) => posix.join(posix.dirname(path), relative);
  const add = (specifier: string, typeOnly: boolean, position: number) => {
    const target =
      OWN_NAME.get(specifier) ?? (specifier.startsWith('.') ? fromHere(specifier) : undefined);
    imports.push({ specifier, target, typeOnly, line: lineOf(position) });
  };
  for (const { moduleRequest, entries, start } of module.staticImports) {
    add(moduleRequest.value, entries.length > 0 && entries.every((entry) => entry.isType), start);
  }
  for (const { entries, start } of module.staticExports) {
    for (const { moduleRequest, isType } of entries) {
      if (moduleRequest) add(moduleRequest.value, isType, start);
    }
  }
  visit(program, {
    ImportExpression: ({ source, start }) => {
      if (source.type === 'Literal' && typeof source.value === 'string') {
        add(source.value, false, start);
      }
    },
    TSImportType: ({ source, start }) => add(source.value, true, start),
    Literal: ({ value }) => {
      if (typeof value !== 'string' || !/^\.\.?\/.*\.ts$/.test(value)) return;
      const named = fromHere(value);
      if (imports.every(({ target }) => target !== named)) programs.push(named);
    },
  });
  return { path, text, program, comments, imports, programs, lineOf };
};

/** Walks the tree; handlers are named for node types (ESTree with TypeScript's). */
export const visit = (program: Source['program'], handlers: VisitorObject): void =>
  new Visitor(handlers).visit(program);

/** A rule out of a look at one file: the look yields positions (or line 1) and messages. */
export const eachSource =
  (look: (source: Source) => Iterable<{ readonly at: number; readonly message: string }>): Rule =>
  (sources) =>
    sources.flatMap((source) =>
      [...look(source)].map(({ at, message }) => ({
        path: source.path,
        line: source.lineOf(at),
        message,
      })),
    );

/** The repository's own code, without what is generated or installed. */
export const SOURCE_GLOBS = ['{lib,functions,infra,test,bench,examples}/**/*.ts', '*.ts'];

/** Every file of the repository that these globs name. */
export const readSources = (root: string): readonly Source[] =>
  globSync(SOURCE_GLOBS, { cwd: root })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => parseSource(path, readFileSync(`${root}/${path}`, 'utf8')));
