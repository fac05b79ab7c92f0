/** Records as rows of the page. */
import type { RawMessage } from 'stratalog';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** As text; bytes that are none as hex, the first of them. */
const textOf = (bytes: Uint8Array): string => {
  try {
    return decoder.decode(bytes);
  } catch {
    const hex = Array.from(bytes.subarray(0, 32), (byte) => byte.toString(16).padStart(2, '0'));
    return `${hex.join(' ')}${bytes.length > 32 ? ' …' : ''}`;
  }
};

const fill = (element: Element, bytes: Uint8Array | null, absent: string): void => {
  element.textContent = bytes === null ? absent : textOf(bytes);
  element.classList.toggle('absent', bytes === null);
};

/** Partitions next to each other get colours far from each other. */
const hueOf = (partition: number): number => (partition * 137 + 170) % 360;

const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
});

/** A new row made from the page's template. */
export const rowOf = (
  template: HTMLTemplateElement,
  { partition, offset, timestamp, key, value }: RawMessage,
): HTMLLIElement => {
  const row = template.content.cloneNode(true) as DocumentFragment;
  const part = <E extends HTMLElement>(selector: string): E => row.querySelector<E>(selector)!;
  const time = part<HTMLTimeElement>('time');
  time.textContent = clock.format(timestamp);
  time.dateTime = new Date(timestamp).toISOString();
  const place = part('.place');
  place.textContent = `${partition}/${offset}`;
  place.title = `partition ${partition}, offset ${offset}`;
  place.style.setProperty('--hue', String(hueOf(partition)));
  fill(part('.key'), key, 'no key');
  fill(part('.value'), value, 'null');
  return part<HTMLLIElement>('li');
};
