/**
 * A terminal's whole window, drawn again and again in place.
 *
 * It is the alternate screen, so what was there before comes back; each line is overwritten and its rest
 * erased, so that nothing flickers.
 */
const ESC = '\x1b[';
const ENTER = `${ESC}?1049h${ESC}?25l`;
const LEAVE = `${ESC}?25h${ESC}?1049l`;
const HOME = `${ESC}H`;
const ERASE_REST_OF_LINE = `${ESC}K`;
const ERASE_BELOW = `${ESC}J`;

const CTRL_C = '\x03';

export interface Screen {
  readonly columns: number;
  readonly rows: number;
  /** Shows these lines, which fit the window: styled text counts as many columns as it shows. */
  draw(lines: readonly string[]): void;
  /** Gives the terminal back. */
  close(): void;
}

export interface ScreenEvents {
  /** A key was pressed; Ctrl-C and what ends the process otherwise come as `q`. */
  readonly onKey: (key: string) => void;
  /** The window has another size. */
  readonly onResize: () => void;
}

/** Takes the terminal of standard output, and the keys of standard input where that is one too. */
export const openScreen = ({ onKey, onResize }: ScreenEvents): Screen => {
  const { stdin, stdout } = process;
  const quit = () => onKey('q');
  const pressed = (keys: Buffer) => {
    for (const key of keys.toString('utf8')) onKey(key === CTRL_C ? 'q' : key);
  };
  const hasKeys = stdin.isTTY === true;
  if (hasKeys) stdin.setRawMode(true).on('data', pressed).resume();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, quit);
  stdout.on('resize', onResize);
  stdout.write(ENTER);
  // Whatever ends the process, the terminal must not stay as it is.
  const restore = () => stdout.write(LEAVE);
  process.once('exit', restore);
  return {
    get columns() {
      return stdout.columns;
    },
    get rows() {
      return stdout.rows;
    },
    draw: (lines) => {
      const shown = lines.slice(0, stdout.rows).map((line) => `${line}${ERASE_REST_OF_LINE}`);
      stdout.write(`${HOME}${shown.join('\r\n')}${ERASE_BELOW}`);
    },
    close: () => {
      stdout.off('resize', onResize);
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, quit);
      if (hasKeys) stdin.setRawMode(false).off('data', pressed).pause();
      process.off('exit', restore);
      restore();
    },
  };
};
