/** Ending early because somebody says so. */

/** Aborts on Ctrl-C and SIGTERM; a second one ends the process at once. `onSignal` gets the number. */
export const untilSignal = (onSignal: (number: number) => void = () => {}): AbortSignal => {
  const stop = new AbortController();
  for (const [name, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
  ] as const) {
    process.once(name, () => {
      onSignal(number);
      stop.abort();
    });
  }
  return stop.signal;
};
