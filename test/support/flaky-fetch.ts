/** The network between a client and a service, made worse: what it loses and refuses is told by a function. */

/**
 * `lose-request`: it never arrives. `lose-answer`: it is done, and nobody hears of it. A number: the
 * answer of a gateway in between, with that status.
 */
export type Mishap = 'lose-request' | 'lose-answer' | 'hang' | number;

export interface Passing {
  readonly method: string;
  readonly path: string;
  /** Of the requests with this method and path, from 0. */
  readonly count: number;
}

/** Passes requests on, but for those that `mishapOf` names something for. */
export const flakyFetch = (
  mishapOf: (passing: Passing) => Mishap | undefined,
): typeof globalThis.fetch => {
  const counts = new Map<string, number>();
  return async (input, init) => {
    const method = init?.method ?? 'GET';
    const path = new URL(String(input)).pathname;
    const name = `${method} ${path}`;
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    const mishap = mishapOf({ method, path, count });
    if (mishap === undefined) return fetch(input, init);
    if (mishap === 'lose-request')
      throw new TypeError('fetch failed', { cause: new Error('reset') });
    if (mishap === 'hang') {
      return new Promise((_, reject) => {
        init?.signal?.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
      });
    }
    if (typeof mishap === 'number') return new Response('{"message":"busy"}', { status: mishap });
    await (await fetch(input, init)).arrayBuffer();
    throw new TypeError('fetch failed', { cause: new Error('reset') });
  };
};

/** Whether a request appends records. */
export const isProduce = ({ method, path }: Passing): boolean =>
  method === 'POST' && path.endsWith('/records');
