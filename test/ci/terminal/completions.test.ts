/** Completions in interactive shells: commands, options, their values, and topics from the service. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAdmin } from '../../../lib/client/admin.ts';
import { type LocalStack, startLocal } from '../../../lib/local/start.ts';
import { systemRuntime } from '../../../lib/model/runtime.ts';
import { openTerminal, type Terminal } from './terminal.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await startLocal({ httpPort: 0 });
  const admin = createAdmin({ endpoint: stack.url });
  for (const name of ['orders', 'payments']) await admin.createTopic({ name, partitions: 1 });
});
afterAll(() => stack.close());

/** How long a shell takes to complete, about. */
const ANSWER_MS = 2_000;
const LOOK_MS = 100;

/**
 * Presses the key and looks for what is to come; where the service was slow to name its topics, a
 * person presses it again.
 */
const pressTab = async (terminal: Terminal, completed: string): Promise<string> => {
  await terminal.press('Tab');
  for (let waitedMs = 0; ; waitedMs += LOOK_MS) {
    const text = (await terminal.window()).join('\n');
    if (text.includes(completed) || waitedMs >= ANSWER_MS) return text;
    await systemRuntime.sleep(LOOK_MS);
  }
};

/** What goes into the start-up file. */
const SETUP = {
  bash: 'source /usr/share/bash-completion/bash_completion; source <(stratalog completions bash)',
  zsh: 'source <(stratalog completions zsh)',
  fish: 'stratalog completions fish | source',
} as const;

describe.each(['bash', 'zsh', 'fish'] as const)('%s', (shell) => {
  let terminal: Terminal;
  beforeAll(async () => {
    terminal = await openTerminal(stack.url, { shell });
    await terminal.enter(`${SETUP[shell]}; echo "sourced"`);
    await terminal.shows(/^sourced$/m);
  });
  afterAll(() => terminal.close());

  it.each([
    ['stratalog prod', 'stratalog produce'],
    ['stratalog topics desc', 'stratalog topics describe'],
    ['stratalog consume or', 'stratalog consume orders'],
    ['stratalog topics describe pay', 'stratalog topics describe payments'],
    ['stratalog consume orders --foll', 'stratalog consume orders --follow'],
    ['stratalog dev --fsync inter', 'stratalog dev --fsync interval'],
  ])('%s: %s', async (typed, completed) => {
    await terminal.clear();
    await terminal.type(typed);
    await expect
      .poll(() => pressTab(terminal, completed), { timeout: 30_000, interval: 0 })
      .toContain(completed);
  });

  it('completes no topic, quickly and without a word, when nothing answers', async () => {
    await terminal.clear();
    await terminal.type('stratalog consume --endpoint http://127.0.0.1:1 or');
    await terminal.press('Tab');
    await systemRuntime.sleep(ANSWER_MS);
    await terminal.type('x');
    const text = await terminal.shows(/orx/);
    expect(text).not.toMatch(/orders|CONNECTION|Nothing answers/);
  });
});
