/** Of latencies: what half of the calls took at most, and 99 of a hundred, in ms. Sorts them in place. */
export const percentiles = (
  latenciesMs: number[],
): { readonly p50Ms: number; readonly p99Ms: number } => {
  latenciesMs.sort((left, right) => left - right);
  const at = (share: number): number =>
    Number((latenciesMs[Math.floor(latenciesMs.length * share)] ?? 0).toFixed(3));
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
};
