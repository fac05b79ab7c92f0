/**
 * Which runs leave when, and what their answers mean.
 *
 *   lanes of a topic   p0  run ▸ run ▸ run      at most one run of a lane is in flight, so that the
 *                      p1  run                  messages of a partition keep their order;
 *                      p2  run ▸ run            a request takes the first run of every lane that is
 *                      ╰───┬────────            free, as far as they fit its body;
 *                          ▼                    several requests may be on their way
 *                      request (p0, p1, p2)
 *
 * Everything is decided in one turn of the event loop at a time; `verdict.ts` tells why.
 */
import { asStratalogError, type StratalogError } from '../../model/errors.ts';
import type { Compressor } from '../../record/compression/compressor.ts';
import type { Connection } from '../connection.ts';
import { type ProduceResult, produceOnce } from '../produce.ts';
import { pauseMs, worthRetrying } from '../retry.ts';
import { cancelled } from '../transport.ts';
import type { Delivery } from './delivery.ts';
import { type Departures, sizeOf, takeLanes } from './departures.ts';
import type { Identities } from './identity.ts';
import {
  drop,
  finish,
  giveUp,
  type Lane,
  laneOf,
  leaveIdentity,
  newRoutes,
  type Route,
  release,
} from './lane.ts';
import {
  type Entry,
  halvesOf,
  hasRoomFor,
  isWanted,
  newRun,
  type Run,
  tellFailed,
  withdrawFrom,
} from './run.ts';
import { verdictOn } from './verdict.ts';

export interface DispatcherOptions {
  readonly lingerMs: number;
  readonly deliveryTimeoutMs: number;
  /** Requests of one topic on their way at a time. */
  readonly maxRequestsInFlight: number;
  /** Absent: not idempotent. */
  readonly identities: Identities | undefined;
  readonly compressor: () => Compressor | undefined;
  /** A run of the partition is leaving. */
  readonly onDeparture: (topic: string, partition: number) => void;
  /** The service knows the topic otherwise than this producer does. */
  readonly onSurprise: (topic: string) => void;
}

export interface Dispatcher {
  /** Adds a message to a partition. `targetBytes`: what a batch of the topic is to have, at most. */
  append(topic: string, partition: number, entry: Entry, targetBytes: number): void;
  /** Adds messages that go together, and only if the partition ends at `expectedEnd`. */
  appendAt(
    topic: string,
    partition: number,
    entries: Entry[],
    targetBytes: number,
    expectedEnd: number,
  ): void;
  /** Forgets those messages of a `send` that were not sent yet, and what is tried again for it alone. */
  withdraw(topic: string, delivery: Delivery): void;
  /** Whether the last batch of the partition has no room for a message of this size. */
  isFull(topic: string, partition: number, sizeBytes: number, targetBytes: number): boolean;
  /** While it is wanted, nothing lingers. Call what it returns to end that. */
  hurry(): () => void;
  /** Nothing lingers any more. */
  close(): void;
}

/** Given to the last attempt too: of one that is cut short at once nobody knows what became of it. */
const MIN_REQUEST_TIMEOUT_MS = 1_000;

/** Nothing waits, and nothing is on its way. */
export const dispatcher = (connection: Connection, options: DispatcherOptions): Dispatcher => {
  const { runtime, retry } = connection;
  const { lingerMs, deliveryTimeoutMs, maxRequestsInFlight, identities } = options;
  const routes = newRoutes();
  const closing = new AbortController();
  let hurrying = 0;
  let isPumpPlanned = false;

  const isOverdue = ({ bornMs }: Run, delayMs = 0): boolean =>
    runtime.monotonicMs() + delayMs - bornMs >= deliveryTimeoutMs;

  // ── what leaves ──────────────────────────────────────────────────────────────────────────────

  /** Once for all that becomes ready in this turn. */
  const planPump = () => {
    if (isPumpPlanned) return;
    isPumpPlanned = true;
    runtime.defer(() => {
      isPumpPlanned = false;
      pump();
    });
  };

  const rules: Departures = {
    deliveryTimeoutMs,
    compressor: options.compressor,
    isHurried: () => hurrying > 0,
    isOverdue,
    isIdentified: (route, lane) => {
      if (identities === undefined || lane.identity !== undefined) return true;
      void identify(route, lane, identities);
      return false;
    },
    onTooLarge: (route, lane, run, error) => {
      fail(route, lane, run, error);
      planPump();
    },
  };

  const pump = () => {
    for (const route of routes.all()) {
      while (route.requests < maxRequestsInFlight) {
        const lanes = takeLanes(route, rules);
        if (lanes.length === 0) break;
        void send(route, lanes);
      }
    }
  };

  /** Nobody waits for an answer that comes when all of its messages count as failed. */
  const timeoutOf = (lanes: readonly Lane[]): number => {
    const youngestMs = Math.max(...lanes.map(({ inFlight }) => inFlight!.bornMs));
    const leftMs = youngestMs + deliveryTimeoutMs - runtime.monotonicMs();
    return Math.min(connection.requestTimeoutMs, Math.max(leftMs, MIN_REQUEST_TIMEOUT_MS));
  };

  const send = async (route: Route, lanes: readonly Lane[]) => {
    route.requests += 1;
    const shares = lanes.map(({ partition, inFlight }) => {
      const run = inFlight!;
      run.attempts += 1;
      for (const { delivery } of run.entries) delivery.sent();
      options.onDeparture(route.topic, partition);
      const batches = run.encoded!.map(({ bytes }) => bytes);
      const { expectedEnd } = run;
      return { partition, batches, ...(expectedEnd === undefined ? {} : { expectedEnd }) };
    });
    let isRequestTooLarge = false;
    const results = await produceOnce(connection, route.topic, shares, timeoutOf(lanes)).catch(
      (caught: unknown): readonly ProduceResult[] => {
        const error = asStratalogError(caught);
        const isTooLarge = error.code === 'MESSAGE_TOO_LARGE' && error.effect === 'none';
        isRequestTooLarge = isTooLarge && lanes.length > 1;
        return shares.map(({ partition }) => ({ partition, error }));
      },
    );
    route.requests -= 1;
    if (isRequestTooLarge) {
      // No message need be: the service takes as much, and something on the way does not.
      const sentBytes = lanes.reduce((sum, { inFlight }) => sum + sizeOf(inFlight!), 0);
      route.requestBytes = Math.floor(sentBytes / 2);
    }
    for (const [i, lane] of lanes.entries()) {
      const run = lane.inFlight!;
      const { error, baseOffsets } = { baseOffsets: [], ...results[i]! };
      lane.inFlight = undefined;
      if (error === undefined) finish(route, lane, run, baseOffsets);
      else if (isRequestTooLarge) release(route, lane);
      else fail(route, lane, run, error);
    }
    pump();
  };

  // ── what comes back ──────────────────────────────────────────────────────────────────────────

  const fail = (route: Route, lane: Lane, run: Run, error: StratalogError): void => {
    const verdict = verdictOn(error, {
      isIdempotent: identities !== undefined,
      count: run.attempts,
      mayBeWritten: run.mayBeWritten,
      wasRenewed: run.wasRenewed,
      canSplit: run.entries.length > 1 && run.expectedEnd === undefined,
    });
    run.mayBeWritten ||= error.effect === 'unknown' || error.code === 'DUPLICATE_SEQUENCE_NUMBER';
    if (error.code === 'UNKNOWN_TOPIC_OR_PARTITION' || error.code === 'MESSAGE_TOO_LARGE') {
      options.onSurprise(route.topic);
    }
    switch (verdict) {
      case 'again':
        again(route, lane, run, error);
        break;
      case 'fail':
        giveUp(route, lane, run, error);
        break;
      case 'written':
        finish(route, lane, run, []);
        break;
      case 'split':
        lane.runs = lane.runs.flatMap((other) => (other === run ? halvesOf(run) : [other]));
        release(route, lane);
        break;
      case 'renew':
        run.wasRenewed = true;
        run.encoded = undefined;
        leaveIdentity(lane);
        release(route, lane);
        break;
    }
  };

  const again = (route: Route, lane: Lane, run: Run, error: StratalogError): void => {
    const delayMs = pauseMs(run.attempts, retry, runtime);
    if (isOverdue(run, delayMs) || !isWanted(run)) {
      giveUp(route, lane, run, error);
      return;
    }
    lane.isWaiting = true;
    void runtime.sleep(delayMs).then(() => goOn(route, lane));
  };

  /** What the lane waited for is there. */
  const goOn = (route: Route, lane: Lane): void => {
    lane.isWaiting = false;
    release(route, lane);
    planPump();
  };

  /** Gets the lane an identity that it never had, as long as there is something to send under it. */
  const identify = async (route: Route, lane: Lane, source: Identities): Promise<void> => {
    lane.isWaiting = true;
    for (let attempt = 1; lane.identity === undefined && lane.runs.length > 0; attempt += 1) {
      try {
        lane.identity = await (lane.left ? source.after(lane.left) : source.current());
        lane.nextSequence = 0;
      } catch (caught) {
        const error = asStratalogError(caught);
        const delayMs = pauseMs(attempt, retry, runtime);
        for (const run of lane.runs) {
          if (worthRetrying(error) && !isOverdue(run, delayMs)) continue;
          drop(lane, run);
          tellFailed(run, route.topic, lane.partition, error);
        }
        if (lane.runs.length > 0) await runtime.sleep(delayMs);
      }
    }
    goOn(route, lane);
  };

  // ── what comes in ────────────────────────────────────────────────────────────────────────────

  const linger = async (run: Run): Promise<void> => {
    if (lingerMs > 0 && hurrying === 0) await runtime.sleep(lingerMs, closing.signal);
    run.isDue = true;
    planPump();
  };

  const enqueue = (route: Route, lane: Lane, run: Run): void => {
    const last = lane.runs.at(-1);
    // Nothing joins that one any more, so there is nothing to wait for.
    if (last !== undefined) last.isDue = true;
    lane.runs = [...lane.runs, run];
    release(route, lane);
    if (last !== undefined) planPump();
    void linger(run);
  };

  return {
    append: (topic, partition, entry, targetBytes) => {
      const route = routes.get(topic, targetBytes);
      const lane = laneOf(route, partition);
      const last = lane.runs.at(-1);
      if (last !== undefined && hasRoomFor(last, entry, targetBytes)) {
        last.entries.push(entry);
        last.sizeBytes += entry.sizeBytes;
      } else enqueue(route, lane, newRun([entry]));
    },
    appendAt: (topic, partition, entries, targetBytes, expectedEnd) => {
      const route = routes.get(topic, targetBytes);
      const run = newRun(entries, expectedEnd);
      enqueue(route, laneOf(route, partition), run);
      planPump();
    },
    withdraw: (topic, delivery) => {
      const route = routes.find(topic);
      if (route === undefined) return;
      for (const lane of route.lanes.values()) {
        for (const run of lane.runs) {
          if (run.attempts > 0) {
            if (run !== lane.inFlight && !isWanted(run)) giveUp(route, lane, run, cancelled(true));
            continue;
          }
          const withdrawn = withdrawFrom(run, (entry) => entry.delivery === delivery);
          if (run.entries.length === 0) drop(lane, run);
          const error = cancelled(false);
          for (const { settle } of withdrawn) settle({ topic, partition: lane.partition, error });
        }
      }
    },
    isFull: (topic, partition, sizeBytes, targetBytes) => {
      const last = routes.find(topic)?.lanes.get(partition)?.runs.at(-1);
      return last !== undefined && last.sizeBytes + sizeBytes > targetBytes;
    },
    hurry: () => {
      hurrying += 1;
      planPump();
      return () => {
        hurrying -= 1;
      };
    },
    close: () => closing.abort(),
  };
};
