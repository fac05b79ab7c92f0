/** `stratalog dev`: the whole service in this process, until it is interrupted. */
import { Command, Option } from 'commander';
import type { FsyncMode, LocalStack } from '../../local/start.ts';
import { StratalogError } from '../../model/errors.ts';
import { systemRuntime } from '../../model/runtime.ts';
import { run } from '../failure.ts';
import { notEmpty, switchFromEnvironment, wholeNumber } from '../options.ts';
import { print } from '../output.ts';

interface DevOptions {
  readonly httpPort: number;
  readonly kafkaPort: number;
  readonly dataDir: string;
  readonly fsync: FsyncMode;
  readonly inMemory: boolean;
  readonly allowOrigin: readonly string[];
  readonly json: boolean;
}

/** Set where npm runs us as one of its scripts. */
const underNpm = process.env.npm_lifecycle_event !== undefined;
/** Read by hand: commander takes any value of a switch's variable, `false` too, for yes. */
const IN_MEMORY = 'STRATALOG_IN_MEMORY';
/** How often to look whether npm is still there, ms. */
const PARENT_CHECK_MS = 500;

/**
 * Resolves with the reason why this process shall end; a second signal ends it at once. A signal to
 * npm reaches the shell between it and us, and not us: then the parent's end is the sign.
 */
const askedToEnd = (): Promise<string> =>
  new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(1);
        asked = true;
        resolve(signal);
      });
    }
    const parent = process.ppid;
    if (underNpm) {
      systemRuntime.every(PARENT_CHECK_MS, () => {
        if (process.ppid !== parent) resolve('npm has ended');
      });
    }
  });

/** What to type for another command: installed it is on the PATH, in a checkout npm runs it. */
const ownName = (): string => (underNpm ? 'npm run -s stratalog --' : 'stratalog');

/**
 * Where the log is to be; undefined: in memory. What is typed goes before the environment.
 * @throws INVALID_CONFIG when both are asked for in the same place
 */
const dataDirOf = ({ dataDir, inMemory }: DevOptions, command: Command): string | undefined => {
  const source = command.getOptionValueSource('dataDir');
  if (inMemory && source === 'cli') {
    throw new StratalogError(
      'INVALID_CONFIG',
      '--in-memory and --data-dir exclude each other: give one of them.',
    );
  }
  if (inMemory) return undefined;
  if (source === 'cli' || !switchFromEnvironment(IN_MEMORY)) return dataDir;
  if (source === 'env') {
    throw new StratalogError(
      'INVALID_CONFIG',
      `${IN_MEMORY} and STRATALOG_DATA_DIR exclude each other: set one of them.`,
    );
  }
  return undefined;
};

const dev = async (options: DevOptions, command: Command): Promise<void> => {
  const dataDir = dataDirOf(options, command);
  const ended = askedToEnd();
  // Loaded here, so that the other commands do not load a service that they only talk to.
  const [{ startLocal }, { banner }, { originOf }] = await Promise.all([
    import('../../local/start.ts'),
    import('../../local/banner.ts'),
    import('../../local/origin.ts'),
  ]);
  const stack: LocalStack = await startLocal({
    httpPort: options.httpPort,
    fsync: options.fsync,
    allowedOrigins: options.allowOrigin.map(originOf),
    ...(dataDir === undefined ? {} : { dataDir }),
  });
  if (options.json)
    print(JSON.stringify({ url: stack.url, dataDir: dataDir ?? null, pid: process.pid }));
  else print(banner({ ...options, url: stack.url, dataDir, command: ownName() }));
  const reason = await ended;
  if (!options.json) print(`${reason}: finishing what is under way.`);
  await stack.close();
  // Whatever might still hold the process, all is on disk now.
  process.exit(0);
};

export const devCommand = (): Command =>
  new Command('dev')
    .alias('start')
    .summary('run the whole service here')
    .description('Runs the whole service in one process: HTTP, and the log in a directory.')
    .addOption(
      new Option('--http-port <port>', 'port of the HTTP API; 0 takes a free one')
        .env('STRATALOG_HTTP_PORT')
        .default(8080)
        .argParser(wholeNumber(0, 65_535)),
    )
    .addOption(
      new Option(
        '--kafka-port <port>',
        'port of the Kafka endpoint; not served by this version yet',
      )
        .env('STRATALOG_KAFKA_PORT')
        .default(9092)
        .argParser(wholeNumber(0, 65_535)),
    )
    .addOption(
      new Option('--data-dir <path>', 'where the log is kept')
        .env('STRATALOG_DATA_DIR')
        .default('./.stratalog')
        .argParser(notEmpty),
    )
    .addOption(
      new Option('--fsync <when>', 'when an acknowledged record must be on disk')
        .env('STRATALOG_FSYNC')
        .choices(['always', 'interval', 'never'])
        .default('interval'),
    )
    .addOption(
      new Option(
        '--allow-origin <origin>',
        'web page that may use the service, such as http://localhost:5173; may be repeated',
      )
        .default([], 'its own only')
        .argParser((origin: string, before: readonly string[]) => [...before, origin]),
    )
    .option(
      '--in-memory',
      `keep nothing: the log ends with the process (env: ${IN_MEMORY}=1)`,
      false,
    )
    .option('--json', 'print one JSON object once it is up, instead of the banner', false)
    .addHelpText(
      'after',
      `
--fsync always    every acknowledged record survives a power failure
        interval  every acknowledged record survives a crash of this process; synced once a second
        never     as interval, and the operating system decides when to sync

Examples:
  $ stratalog dev
  $ stratalog dev --in-memory --http-port 0
  $ stratalog dev --allow-origin http://localhost:5173
  $ stratalog dev --data-dir /var/lib/stratalog --fsync always`,
    )
    .action(run(dev));
