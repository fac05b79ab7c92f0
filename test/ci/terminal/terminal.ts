/** A person at a terminal: a tmux session of its own, keys that are pressed, and what the window shows. */
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { systemRuntime } from '../../../lib/model/runtime.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const exec = promisify(execFile);

/** How long the window may take to show what is expected. */
const PATIENCE_MS = 30_000;
const LOOK_MS = 50;

const PROMPT = 'ready> ';
const EMPTY = /^ready> ?\s*$/;

/** How each shell begins: nothing of the user's, and one prompt for all. */
const SHELLS = {
  bash: `bash --noprofile --rcfile <(echo "PS1='${PROMPT}'")`,
  zsh: `zsh -f -o nopromptcr`,
  fish: `fish --no-config`,
} as const;

const FIRST_LINE: Readonly<Record<keyof typeof SHELLS, string>> = {
  bash: '',
  zsh: `PS1='${PROMPT}'; autoload -U compinit; compinit -u -D`,
  fish: `function fish_prompt; echo -n '${PROMPT}'; end`,
};

export interface Terminal {
  /** A file that this terminal's commands may use. */
  file(name: string, text: string): string;
  /** A pipe that this terminal's commands may read from. */
  pipe(name: string): string;
  /** Types text, as it is. */
  type(text: string): Promise<void>;
  /** Presses keys by tmux's names: Enter, Tab, C-c. */
  press(...keys: readonly string[]): Promise<void>;
  /** Empties the window and the line; the shell waits for a command. */
  clear(): Promise<void>;
  /** Types a command into an empty window, and presses Enter. */
  enter(line: string): Promise<void>;
  /** The lines of the window; `colours`: with the sequences that style them. */
  window(colours?: boolean): Promise<readonly string[]>;
  /** The window once `pattern` is in it. @throws with the window when that does not come */
  shows(pattern: RegExp): Promise<string>;
  resize(columns: number, rows: number): Promise<void>;
  close(): Promise<void>;
}

/** A shell in a window of 80 by 24, with `stratalog` on its PATH and the service at `endpoint`. */
export const openTerminal = async (
  endpoint: string,
  { shell = 'bash', env = {} }: { shell?: keyof typeof SHELLS; env?: Record<string, string> } = {},
): Promise<Terminal> => {
  const directory = mkdtempSync(join(tmpdir(), 'stratalog-terminal-'));
  const command = join(directory, 'stratalog');
  const quiet = '--disable-warning=ExperimentalWarning';
  writeFileSync(
    command,
    `#!/bin/sh\nexec "${process.execPath}" ${quiet} "${ROOT}/lib/cli/main.ts" "$@"\n`,
  );
  chmodSync(command, 0o755);
  const socket = join(directory, 'tmux');
  const tmux = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await exec('tmux', ['-S', socket, '-f', '/dev/null', ...args], {
      cwd: directory,
      env: {
        ...process.env,
        ...env,
        TERM: 'xterm-256color',
        HOME: directory,
        PATH: [directory, process.env.PATH].join(delimiter),
        STRATALOG_ENDPOINT: endpoint,
      },
    });
    return stdout;
  };
  const window = async (colours = false) =>
    (await tmux('capture-pane', '-p', '-t', 'main', ...(colours ? ['-e'] : [])))
      .split('\n')
      .slice(0, -1);
  const type = async (text: string) => {
    await tmux('send-keys', '-t', 'main', '-l', text);
  };
  const press = async (...keys: readonly string[]) => {
    await tmux('send-keys', '-t', 'main', ...keys);
  };
  const terminal: Terminal = {
    file: (name, text) => {
      const path = join(directory, name);
      writeFileSync(path, text);
      return path;
    },
    pipe: (name) => {
      const path = join(directory, name);
      execFileSync('mkfifo', [path]);
      return path;
    },
    type,
    press,
    clear: async () => {
      await press('C-e', 'C-u', 'C-l');
      await terminal.shows(EMPTY);
    },
    enter: async (line) => {
      await terminal.clear();
      await type(line);
      await press('Enter');
    },
    window,
    shows: async (pattern) => {
      const untilMs = systemRuntime.monotonicMs() + PATIENCE_MS;
      for (;;) {
        const text = (await window()).join('\n');
        if (pattern.test(text)) return text;
        if (systemRuntime.monotonicMs() > untilMs) {
          throw new Error(`The window never showed ${pattern}:\n${text}`);
        }
        await systemRuntime.sleep(LOOK_MS);
      }
    },
    resize: async (columns, rows) => {
      await tmux('resize-window', '-t', 'main', '-x', String(columns), '-y', String(rows));
    },
    close: async () => {
      await tmux('kill-server').catch(() => undefined);
      // What was interrupted may still be writing.
      rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
  await tmux(
    'new-session',
    '-d',
    '-s',
    'main',
    '-x',
    '80',
    '-y',
    '24',
    `bash -c ${quoted(`exec ${SHELLS[shell]}`)}`,
  );
  if (FIRST_LINE[shell] !== '') {
    await type(FIRST_LINE[shell]);
    await press('Enter');
  }
  await terminal.shows(/^ready> ?$/m);
  await terminal.clear();
  return terminal;
};

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
