/**
 * `stratalog completions SHELL` prints the script that a shell sources; the script asks
 * `stratalog complete -- <words>` at each press of the tab key.
 *
 * Commands and options come from the program itself. Names of topics come from the service, when it
 * answers before the person notices that it was asked; a completion never fails and never waits long.
 */
import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';
import { createAdmin } from '../../client/admin.ts';
import { systemRuntime } from '../../model/runtime.ts';
import { type ServiceOptions, serviceOf, whereOf } from '../service.ts';

/** How long the service may take to name its topics. */
const PATIENCE_MS = 500;
/** Arguments that are names of topics. */
const OF_TOPICS: readonly string[] = ['topic', 'topics'];

/** The words to complete, where this process was started by a completion script. */
const wordsOf = (argv: readonly string[]): readonly string[] | undefined =>
  argv[2] === 'complete' && argv[3] === '--' ? argv.slice(4) : undefined;

/** The command that the words have named so far; one that a group takes by default is not named. */
const commandOf = (program: Command, words: readonly string[]): Command =>
  words.reduce(
    (command, word) => command.commands.find((child) => child.name() === word) ?? command,
    program,
  );

/** What the words say of the service so far. */
const optionsIn = (words: readonly string[]): ServiceOptions =>
  Object.fromEntries(
    ['endpoint', 'stack', 'region', 'profile'].flatMap((name) => {
      const value = words[words.lastIndexOf(`--${name}`) + 1];
      return words.includes(`--${name}`) && value ? [[name, value]] : [];
    }),
  );

/** Empty when the service does not answer in time, whatever the reason; to look a stack up always takes longer. */
const topicNames = async (options: ServiceOptions): Promise<readonly string[]> => {
  const late = new AbortController();
  const done = new AbortController();
  void systemRuntime.sleep(PATIENCE_MS, done.signal).then(() => late.abort());
  try {
    if (whereOf(options).stack !== undefined) return [];
    const admin = createAdmin({ ...(await serviceOf(options)), retry: { maxAttempts: 1 } });
    return (await admin.listTopics({ signal: late.signal })).map(({ name }) => name);
  } catch {
    return [];
  } finally {
    done.abort();
  }
};

/** Adds `completions SHELL`, and the hidden command that the scripts ask. The other commands are there already. */
export const addCompletions = (program: Command): void => {
  const completions = tab(program, { completionCommandName: 'completions' });
  program.commands
    .find((command) => command.name() === 'completions')
    ?.description('Prints the script that completes commands, options and topics in your shell.')
    .summary('completions for your shell')
    .addHelpText('after', EXAMPLES);

  const words = wordsOf(process.argv);
  if (words === undefined) return;
  // `configs orders` lists: the group takes a topic as its verbs do.
  completions.commands.get('configs')?.argument('topic');
  let names: readonly string[] = [];
  for (const { arguments: given } of completions.commands.values()) {
    for (const [name, argument] of given) {
      if (!OF_TOPICS.includes(name)) continue;
      argument.handler = (complete) => {
        for (const topic of names) complete(topic, '');
      };
    }
  }
  program.hook('preAction', async () => {
    const command = commandOf(program, words);
    const takesTopic =
      command.name() === 'configs' ||
      command.registeredArguments.some((argument) => OF_TOPICS.includes(argument.name()));
    if (takesTopic && !words.at(-1)?.startsWith('-')) names = await topicNames(optionsIn(words));
  });
};

const EXAMPLES = `
It goes into your shell's start-up file; bash needs the package bash-completion.

Examples:
  $ source <(stratalog completions bash)       in ~/.bashrc
  $ source <(stratalog completions zsh)        in ~/.zshrc, after compinit
  $ stratalog completions fish | source        in ~/.config/fish/config.fish`;
