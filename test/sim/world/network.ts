/**
 * The way between clients and environments: a request may be lost, come twice, or its reply be lost.
 *
 *   client ── way ──► an environment ── way ──► client         told
 *          ── way ──► another one (delivered twice)
 *          ─────────────────────── patience is over ──►        nothing
 */
import type { Broker } from '../../../lib/broker/api.ts';
import { StratalogError } from '../../../lib/model/errors.ts';
import type { Random, VirtualRuntime } from '../../support/virtual-runtime.ts';
import type { Plan, WorldFault } from '../plan.ts';
import type { Counts } from './counts.ts';
import { Died, type Environment } from './environment.ts';

/** What a client knows in the end. */
export type Reply<T> =
  | { readonly told: 'answer'; readonly answer: T }
  | { readonly told: 'refusal'; readonly error: StratalogError }
  | { readonly told: 'nothing' };

export interface Request<T> {
  readonly ask: (broker: Broker) => Promise<T>;
  /** Default: drawn, up to half a minute. */
  readonly patienceMs?: number;
  /** Who is to answer; default: drawn. */
  readonly to?: Environment;
  /** Over one connection: it arrives once, at once, behind what was sent before. */
  readonly inOrder?: boolean;
}

export interface Network {
  /** Sends a request; `deliveries`: how often it is going to arrive. Never rejects, but for what no client may see. */
  call<T>(request: Request<T>): Promise<Reply<T> & { readonly deliveries: number }>;
  /** One that has nothing to do, if it is one that does one thing at a time. */
  pick(): Environment;
}

/** The longest way, ms. */
const WAY_MS = 4;

export const makeNetwork = (
  { network: rates }: Plan,
  environments: readonly Environment[],
  base: VirtualRuntime,
  counts: Counts,
  random: Random,
): Network => {
  const happens = (rate: number, kind: WorldFault): boolean => random() < rate && counts.add(kind);

  const pick = (): Environment => {
    const free = environments.filter(({ plan, active }) => plan.kind === 'server' || active === 0);
    return free[Math.floor(random() * free.length)]!;
  };

  /** What the environment answers; undefined: nothing comes back. */
  const deliver = async <T>({ ask, to, inOrder }: Request<T>): Promise<Reply<T> | undefined> => {
    if (!inOrder) {
      if (happens(rates.lostRequest, 'lost request')) return undefined;
      await base.sleep(random() * WAY_MS);
    }
    let reply: Reply<T>;
    try {
      reply = { told: 'answer', answer: await (to ?? pick()).call(ask) };
    } catch (error) {
      if (error instanceof Died) return undefined;
      if (!(error instanceof StratalogError)) throw error;
      reply = { told: 'refusal', error };
    }
    await base.sleep(random() * WAY_MS);
    return happens(rates.lostReply, 'lost reply') ? undefined : reply;
  };

  return {
    pick,
    call: (request) =>
      new Promise((resolve, reject) => {
        const isDoubled = !request.inOrder && happens(rates.deliveredTwice, 'delivered twice');
        const deliveries = isDoubled ? 2 : 1;
        // Most clients are patient; some are gone before a slow store has answered.
        const patienceMs = request.patienceMs ?? 200 + random() ** 2 * 30_000;
        const over = new AbortController();
        let open = deliveries;
        const tell = (reply: Reply<never> | undefined): void => {
          open -= 1;
          if (reply === undefined && open > 0) return;
          // Without a reason: making one costs more than all else here.
          over.abort(null);
          // That a connection broke is noticed at once.
          resolve({ ...(reply ?? { told: 'nothing' }), deliveries } as never);
        };
        for (let n = 0; n < deliveries; n++) {
          deliver(request).then((reply) => tell(reply as Reply<never> | undefined), reject);
        }
        void base.sleep(patienceMs, over.signal).then(() => {
          if (!over.signal.aborted) resolve({ told: 'nothing', deliveries });
        });
      }),
  };
};
