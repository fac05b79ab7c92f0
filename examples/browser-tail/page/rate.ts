/** Records in each of the last 60 seconds, as bars. */

const SECONDS = 60;
const HEIGHT = 20;

export interface RateChart {
  count(records: number): void;
  /** Draws; `nowMs` is the time of the frame. Says how many records the last whole second brought. */
  draw(nowMs: number): number;
}

export const rateChart = (svg: SVGSVGElement): RateChart => {
  const bars = Array.from({ length: SECONDS }, (_, at) => {
    const bar = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
    bar.setAttribute('x', String(at + 0.1));
    bar.setAttribute('width', '0.8');
    svg.append(bar);
    return bar;
  });
  let counts = new Array<number>(SECONDS).fill(0);
  let second = 0;

  return {
    count(records) {
      counts[SECONDS - 1]! += records;
    },
    draw(nowMs) {
      const now = Math.floor(nowMs / 1_000);
      if (second === 0) second = now;
      const passed = Math.min(now - second, SECONDS);
      second = now;
      if (passed > 0) counts = [...counts.slice(passed), ...new Array<number>(passed).fill(0)];
      const highest = Math.max(...counts, 1);
      for (const [at, bar] of bars.entries()) {
        const height = (counts[at]! / highest) * HEIGHT;
        bar.setAttribute('y', String(HEIGHT - height));
        bar.setAttribute('height', String(height));
      }
      return counts[SECONDS - 2]!;
    },
  };
};
