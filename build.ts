/**
 * Builds what is published: `npm run build`; or the functions alone, for `cdk synth` and tests:
 * `npm run build:functions`.
 *
 *   lib/**.ts             →  dist/lib/**.js, .d.ts          for those who import the package or run its CLI
 *   infra/index.ts        →  dist/cdk/infra/index.js, .d.ts `stratalog/cdk`, as CommonJS: a CDK app of any kind takes it
 *   functions/<n>.ts      →  dist/functions/<n>/index.mjs   one file for Lambda, with its source map
 *   swagger-ui-dist       →  dist/functions/topics/docs/    the files of the page at /docs, and their licences
 *
 * A bundle begins with what makes the process a host in Lambda, and then has the function; @aws-sdk is
 * inside, so that what runs is what was tested and not what the runtime happens to bring.
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
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, relative } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';

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

const COMMON = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  logLevel: 'warning',
  // Told in a file of their own, for all bundles together.
  legalComments: 'none',
} as const satisfies BuildOptions;

const FUNCTION = {
  ...COMMON,
  format: 'esm',
  target: 'node24',
  // The SDK's ES modules leave out what nobody calls.
  mainFields: ['module', 'main'],
  minify: true,
  sourcemap: true,
  sourcesContent: false,
  metafile: true,
  plugins: [refuseNative],
  // CommonJS packages inside an ES module look for `require`.
  banner: {
    js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);",
  },
} as const satisfies BuildOptions;

/** Makes the process that loads a bundle a host in Lambda, before the first event comes. */
const HOST = './functions/lambda/host.ts';

const entryOf = (path: string): string => `
  import { lambdaHost } from '${HOST}';
  import { provideHost } from './functions/runtime.ts';
  export { handler } from './${path}';
  provideHost(lambdaHost(process.env));
`;

const bundleFunction = async (path: string): Promise<Metafile> => {
  const name = basename(path, '.ts');
  const outfile = `dist/functions/${name}/index.mjs`;
  const stdin = { contents: entryOf(path), resolveDir: root, sourcefile: `${name}-in-lambda.ts` };
  const { metafile } = await build({ ...FUNCTION, stdin, outfile });
  const sizeKiB = Math.ceil(statSync(join(root, outfile)).size / 1024);
  console.log(`${outfile}  ${sizeKiB} KiB`);
  return metafile;
};

/** `node_modules/@scope/name` of each package that went into a bundle. */
const packagesIn = (metafiles: readonly Metafile[]): readonly string[] => {
  const inputs = metafiles.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs)),
  );
  const packages = inputs.flatMap(
    (input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? [],
  );
  return [...new Set(packages)].sort();
};

const LICENSE_FILE = /^(licen[cs]e|notice)(\.(md|txt))?$/i;

/** What the bundles are made of besides us, under which terms: texts that several share are told once. */
const writeLicenses = (metafiles: readonly Metafile[]): void => {
  const users = new Map<string, { readonly text: string; readonly names: string[] }>();
  for (const path of packagesIn(metafiles)) {
    const { name, version, license } = JSON.parse(
      readFileSync(join(root, path, 'package.json'), 'utf8'),
    );
    const texts = readdirSync(join(root, path))
      .filter((file) => LICENSE_FILE.test(file))
      .map((file) => readFileSync(join(root, path, file), 'utf8').trim());
    const text = texts.join('\n\n') || `License: ${license}`;
    // Many are the same but for how their lines are broken.
    const words = text.replaceAll(/\s+/g, ' ');
    const names = users.get(words)?.names ?? [];
    users.set(words, { text, names: [...names, `${name} ${version}`] });
  }
  const sections = [...users.values()].map(({ text, names }) => `${names.join('\n')}\n\n${text}\n`);
  const rule = `\n${'─'.repeat(100)}\n\n`;
  const title = 'The functions contain these packages.\n';
  writeFileSync(join(dist, 'functions/THIRD-PARTY-LICENSES.txt'), [title, ...sections].join(rule));
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

/** What the handlers share is no handler. */
const HANDLERS = globSync('functions/*.ts', { cwd: root })
  .filter((path) => basename(path) !== 'runtime.ts')
  .sort();

/** All functions at once. */
const buildFunctions = async (): Promise<void> => {
  const metafiles = await Promise.all(HANDLERS.map(bundleFunction));
  writeLicenses(metafiles);
  copyDocs();
};

/** Declarations, and JavaScript where `project` says so. */
const compile = (project: string): void => {
  const tsc = join(root, 'node_modules/.bin/tsc');
  const { status } = spawnSync(tsc, ['-p', project], { cwd: root, stdio: 'inherit' });
  // It has told what is wrong.
  if (status !== 0) process.exit(1);
};

/** tsc keeps a program's first line, but not its mode. */
const makeExecutable = (path: string): void => {
  if (!readFileSync(path, 'utf8').startsWith('#!')) {
    throw new Error(`${path} has no #! line, so it cannot be run by its name`);
  }
  chmodSync(path, 0o755);
};

const buildLibrary = (): void => {
  compile('tsconfig.build.json');
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const path of Object.values<string>(bin)) makeExecutable(join(root, path));
};

/**
 * `stratalog/cdk`, in one kind only: were there an ES module beside it, an app could load both, and a log
 * of one would be none to the other. Its own package.json says that all of `dist/cdk` is CommonJS, the
 * declarations too, whatever the package is.
 */
const buildCdk = async (): Promise<void> => {
  compile('tsconfig.build-cdk.json');
  await build({
    ...COMMON,
    entryPoints: ['infra/index.ts'],
    outfile: 'dist/cdk/infra/index.js',
    format: 'cjs',
    // What CDK itself runs in.
    target: 'node20',
    external: ['aws-cdk-lib', 'constructs'],
    define: { 'import.meta.dirname': '__dirname' },
    // Errors and the tree of an app name constructs by their classes.
    keepNames: true,
  });
  writeFileSync(join(dist, 'cdk/package.json'), '{ "type": "commonjs" }\n');
};

/** Takes away what an earlier build left, but for bundles: they are replaced one by one, and a synthesis beside this build finds them all. */
const clean = (): void => {
  const kept = HANDLERS.map((path) => `dist/functions/${basename(path, '.ts')}`);
  for (const path of globSync(['dist/*', 'dist/functions/*'], { cwd: root })) {
    if (path === 'dist/functions' || kept.includes(path)) continue;
    rmSync(join(root, path), { recursive: true, force: true });
  }
};

const [part] = process.argv.slice(2);
if (part !== undefined && part !== 'functions') {
  console.error(
    `There is no part ${JSON.stringify(part)}: say \`functions\`, or nothing for everything.`,
  );
  process.exit(2);
}
try {
  if (part === undefined) {
    clean();
    buildLibrary();
    await buildCdk();
  }
  await buildFunctions();
} catch (error) {
  // esbuild has told what is wrong, and where.
  if (!(error instanceof Error && 'errors' in error)) throw error;
  process.exitCode = 1;
}
