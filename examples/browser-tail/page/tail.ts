/**
 * Follows a topic: the last records, then what comes.
 *
 * A reader fills `waiting`, and each frame of the browser moves it into the page, so that a busy topic
 * costs one layout a frame. While the page is hidden or paused the oldest of `waiting` are dropped.
 */
import { bytes, type RawMessage, Stratalog } from 'stratalog';
import { rateChart } from './rate.ts';
import { rowOf } from './rows.ts';

const ROWS = 200;

const find = <E extends Element>(id: string): E => document.querySelector<E>(`#${id}`)!;
const list = find<HTMLOListElement>('log');
const template = find<HTMLTemplateElement>('row');
const filter = find<HTMLInputElement>('filter');
const pause = find<HTMLButtonElement>('pause');
const status = find<HTMLElement>('status');
const chart = rateChart(find<SVGSVGElement>('chart'));

const topic = new URLSearchParams(location.search).get('topic') ?? 'clicks';
document.title = `${topic} · tail`;
find('topic').textContent = topic;

let paused = false;
let records = 0;
let waiting: RawMessage[] = [];

const show = (state: 'live' | 'paused' | 'lost', text: string): void => {
  document.body.dataset.state = state;
  status.textContent = text;
};

const applyFilter = (row: HTMLElement): void => {
  row.hidden = !row.textContent.toLowerCase().includes(filter.value.toLowerCase());
};

filter.addEventListener('input', () => {
  for (const row of list.children) applyFilter(row as HTMLElement);
});

pause.addEventListener('click', () => {
  paused = !paused;
  pause.textContent = paused ? 'Go on' : 'Pause';
  pause.ariaPressed = String(paused);
  show(paused ? 'paused' : 'live', paused ? 'Paused: what comes meanwhile is counted.' : '');
});

const draw = (nowMs: number): void => {
  requestAnimationFrame(draw);
  find('records').textContent = records.toLocaleString();
  find('rate').textContent = chart.draw(nowMs).toLocaleString();
  if (paused || waiting.length === 0) return;
  const rows = waiting.map((message) => {
    const row = rowOf(template, message);
    row.className = 'new';
    applyFilter(row);
    return row;
  });
  waiting = [];
  list.prepend(...rows.reverse());
  while (list.childElementCount > ROWS) list.lastElementChild!.remove();
};
requestAnimationFrame(draw);

try {
  // The server of this page passes on what reads.
  const log = new Stratalog({ endpoint: location.origin });
  const reader = log.reader({ topic, from: { last: 20 }, key: bytes, value: bytes });
  show('live', '');
  for await (const messages of reader.batches()) {
    records += messages.length;
    chart.count(messages.length);
    waiting = [...waiting, ...messages].slice(-ROWS);
  }
} catch (error) {
  show('lost', error instanceof Error ? error.message : String(error));
}
