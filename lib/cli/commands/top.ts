/** `stratalog top`: what is written to topics, as it happens. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { createAdmin } from '../../client/admin.ts';
import { asStratalogError, StratalogError } from '../../model/errors.ts';
import { systemRuntime } from '../../model/runtime.ts';
import { run } from '../failure.ts';
import { type CommonOptions, withCommonOptions } from '../options.ts';
import { print } from '../output.ts';
import { patiently } from '../patience.ts';
import { countText } from '../quantities.ts';
import { plainLines, windowLines } from '../rate-view.ts';
import { rateTable, SORT_KEYS, type SortKey, sorted } from '../rates.ts';
import { openScreen } from '../screen.ts';
import { serviceOf } from '../service.ts';
import { PARTITIONS_PER_ROUND, survey, TOPICS_PER_ROUND } from '../survey.ts';

/** What a line of the table takes where there is no window to fit. */
const PLAIN_COLUMNS = 110;

interface TopOptions extends CommonOptions {
  readonly interval: number;
  readonly sort: SortKey;
  readonly once: boolean;
}

const seconds = (text: string): number => {
  const value = Number(text);
  if (!/^\d{1,4}(\.\d{1,3})?$/.test(text) || value < 0.5 || value > 3600) {
    throw new InvalidArgumentError('It must be a number of seconds from 0.5 to 3600.');
  }
  return value;
};

const SORT_OF_KEY: Readonly<Record<string, SortKey>> = {
  r: 'records',
  b: 'bytes',
  s: 'size',
  n: 'name',
};

/** Rounds of looks at the topics, and what they tell. */
const watch = async (only: readonly string[], options: TopOptions) => {
  const service = await serviceOf(options);
  const topics = survey(createAdmin(service), only);
  const rates = rateTable();
  return {
    endpoint: service.endpoint,
    round: async () => {
      await topics.round((topic) => rates.see(topic, systemRuntime.monotonicMs()));
      rates.keep(topics.names);
    },
    rows: rates.rows,
    polled: () => {
      const { looked, names } = topics;
      const every = `every ${options.interval} s`;
      return looked < names.size
        ? `${countText(looked)} of ${countText(names.size)} topics are asked for ${every}, in turn; rates are since the turn before`
        : `all are asked for ${every}`;
    },
  };
};

const draw = async (only: readonly string[], options: TopOptions): Promise<void> => {
  const watched = await watch(only, options);
  await watched.round();
  const stop = new AbortController();
  let { sort } = options;
  let trouble: string | undefined;
  const show = () => {
    const view = { endpoint: watched.endpoint, sort, polled: watched.polled(), trouble };
    screen.draw(windowLines(watched.rows(), view, screen.columns, screen.rows));
  };
  const screen = openScreen({
    onKey: (key) => {
      if (key === 'q') stop.abort();
      sort = SORT_OF_KEY[key] ?? sort;
      if (!stop.signal.aborted) show();
    },
    onResize: show,
  });
  try {
    while (!stop.signal.aborted) {
      show();
      await systemRuntime.sleep(options.interval * 1000, stop.signal);
      if (stop.signal.aborted) break;
      const asked = watched.round().then(
        () => undefined,
        (caught: unknown) => asStratalogError(caught).message,
      );
      // Whoever quits does not wait for an answer.
      trouble = await Promise.race([asked, whenAborted(stop.signal)]);
    }
  } finally {
    screen.close();
  }
};

const whenAborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined)));

/** A line of JSON, or a table, an interval after the one before. */
const tell = async (only: readonly string[], options: TopOptions): Promise<void> => {
  const watched = await watch(only, options);
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  await watched.round();
  do {
    await systemRuntime.sleep(options.interval * 1000, stop.signal);
    if (stop.signal.aborted) return;
    await patiently(watched.round, systemRuntime, stop.signal);
    const rows = watched.rows();
    if (options.json) {
      const at = new Date(systemRuntime.now()).toISOString();
      print(JSON.stringify({ at, topics: sorted(rows, options.sort) }));
    } else print(plainLines(rows, options.sort, PLAIN_COLUMNS));
  } while (!options.once);
};

const top = async (only: readonly string[], options: TopOptions): Promise<void> => {
  if (options.json || options.once) return tell(only, options);
  if (process.stdout.isTTY !== true) {
    throw new StratalogError(
      'INVALID_REQUEST',
      'Standard output is no terminal to draw in: give --once for one table, or --json for a line an interval.',
    );
  }
  return draw(only, options);
};

export const topCommand = (): Command =>
  withCommonOptions(new Command('top'))
    .summary('what is written to topics, as it happens')
    .description(
      'Shows records and bytes per second of each topic, its end offsets added up, and its size, until q or Ctrl-C.',
    )
    .argument('[topics...]', 'these topics only')
    .option('--interval <seconds>', 'how often to look', seconds, 2)
    .addOption(
      new Option('--sort <what>', 'what comes first').choices(SORT_KEYS).default('records'),
    )
    .option('--once', 'print one table, of the rates over one interval, and end', false)
    .addHelpText(
      'after',
      `
It asks for the list of topics (every tenth time) and for the description of each. Where there are many
it asks for at most ${countText(TOPICS_PER_ROUND)} of them, or ${countText(PARTITIONS_PER_ROUND)} partitions, an interval: they take turns.
Bytes are those of record batches as they are kept. "-": not known yet, or records were deleted meanwhile.

Examples:
  $ stratalog top
  $ stratalog top orders payments --interval 1
  $ stratalog top --once --sort size
  $ stratalog top --json | jq '.topics[0]'`,
    )
    .action(run(top));
