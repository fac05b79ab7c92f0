/**
 * Builds what is published: `npm run build`.
 *
 *   lib/**.ts         →  dist/lib/**.js, .d.ts          for those who import the package or run its CLI
 *   functions/<n>.ts  →  dist/functions/<n>/index.mjs   one file for Lambda, with its source map
 *   swagger-ui-dist   →  dist/functions/topics/docs/    the files of the page at /docs, and their licences
 *
 * The bundles are made here, on any machine, for arm64: a native addon that got into one would fail
 * when it is called, so it fails the build instead.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, join, relative } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';

const root = import.meta.dirname;
const dist = join(root, 'dist');

/** Names who asked for native code, and says what to do. */
const refuseNative: Plugin = {
  name: 'refuse-native',
  setup: ({ onResolve }) => {
    onResolve({ filter: /\.node$|^@node-rs\// }, ({ path, importer }) => {
      const text = `${relative(root, importer)} brings native code (${path}) into a Lambda bundle: let lib/local choose it, and pass it in`;
      return { errors: [{ text }] };
    });
  },
};

const BUNDLE = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  minify: true,
  sourcemap: true,
  sourcesContent: false,
  plugins: [refuseNative],
  logLevel: 'warning',
  // CommonJS packages inside an ES module look for `require`.
  banner: {
    js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);",
  },
} as const satisfies BuildOptions;

const bundleFunction = async (path: string): Promise<void> => {
  const outfile = `dist/functions/${basename(path, '.ts')}/index.mjs`;
  await build({ ...BUNDLE, absWorkingDir: root, entryPoints: [path], outfile });
  const sizeKiB = Math.ceil(statSync(join(root, outfile)).size / 1024);
  console.log(`${outfile}  ${sizeKiB} KiB`);
};

/** What the page at `/docs` loads (`lib/http/docs-assets.ts`), and the licences of that. */
const DOCS_FILES = [
  'swagger-ui-bundle.js',
  'swagger-ui.css',
  'LICENSE',
  'NOTICE',
  'swagger-ui-bundle.js.LICENSE.txt',
];

/** Puts them beside the function that serves them. */
const copyDocs = (): void => {
  const from = join(root, 'node_modules/swagger-ui-dist');
  const to = join(dist, 'functions/topics/docs');
  mkdirSync(to, { recursive: true });
  for (const name of DOCS_FILES) copyFileSync(join(from, name), join(to, name));
};

/** tsc keeps a program's first line, but not its mode. */
const makeExecutable = (path: string): void => {
  if (!readFileSync(path, 'utf8').startsWith('#!')) {
    throw new Error(`${path} has no #! line, so it cannot be run by its name`);
  }
  chmodSync(path, 0o755);
};

rmSync(dist, { recursive: true, force: true });
const tsc = join(root, 'node_modules/.bin/tsc');
const { status } = spawnSync(tsc, ['-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
// It has told what is wrong.
if (status !== 0) process.exit(1);

const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
for (const path of Object.values<string>(bin)) makeExecutable(join(root, path));

/** What the handlers share is no handler. */
const handlers = globSync('functions/*.ts', { cwd: root })
  .filter((path) => basename(path) !== 'runtime.ts')
  .sort();
try {
  for (const path of handlers) await bundleFunction(path);
  copyDocs();
} catch {
  // esbuild has told what is wrong, and where.
  process.exitCode = 1;
}
