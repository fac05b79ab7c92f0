/**
 * Which runs leave when, and what their answers mean.
 *
 *   lanes of a topic   p0  run ▸ run ▸ run      at most one run of a lane is in flight, so that the
 *                      p1  run                  messages of a partition keep their order;
 *                      p2  run ▸ run            a request takes the first run of every lane that is
 *                      ╰───┬────────            free, as far as they fit its body
 *                          ▼
 *                      request (p0, p1, p2)     several requests may be on their way
 *
 * Everything is decided here in one turn of the event loop at a time; `verdict.ts` knows why.
 */
import { asStratalogError, StratalogError } from '../../model/errors.ts';
import { MAX_PRODUCE_REQUEST_BYTES } from '../../model/limits.ts';
import type { Compressor } from '../../record/compression/compressor.ts';
import type { Connection } from '../connection.ts';
import { type ProduceResult, produceOnce } from '../produce.ts';
import { pauseMs, worthRetrying } from '../retry.ts';
import { cancelled } from '../transport.ts';
import type { Delivery } from './delivery.ts';
import type { Identities, Identity } from './identity.ts';
import {
  type Entry,
  encodeRun,
  halvesOf,
  hasRoomFor,
  newRun,
  type Run,
  sequenceAfter,
  tellFailed,
  tellWritten,
  withdrawFrom,
} from './run.ts';
import { verdictOn } from './verdict.ts';

/** A partition, as the producer sees it. */
interface Lane {
  readonly partition: number;
  runs: readonly Run[];
  inFlight: Run | undefined;
  identity: Identity | undefined;
  /** The one it gave up. */
  left: Identity | undefined;
  nextSequence: number;
}

interface Route {
  readonly topic: string;
  readonly lanes: Map<number, Lane>;
  /** Lanes with runs, and nothing in flight or to be waited for. */
  readonly ready: Set<Lane>;
  requests: number;
  targetBytes: number;
}

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
  /** Forgets those messages of a `send` that were not sent yet. */
  withdraw(topic: string, delivery: Delivery): void;
  /** Whether the last batch of the partition has room for no message of this size. */
  isFull(topic: string, partition: number, sizeBytes: number, targetBytes: number): boolean;
  /** While it is wanted, nothing lingers. Call what it returns to end that. */
  hurry(): () => void;
}

/** Around the batches of a share. */
const FRAME_BYTES = 64;

/** What a run's own bytes cannot be part of any request for. */
const tooLarge = (sizeBytes: number): StratalogError =>
  new StratalogError(
    'MESSAGE_TOO_LARGE',
    `The messages take ${sizeBytes} bytes in a request, which carries ${MAX_PRODUCE_REQUEST_BYTES}. Send less in one message, or with expectedEnd fewer at once.`,
    { context: { sizeBytes, maxBytes: MAX_PRODUCE_REQUEST_BYTES } },
  );

const overdue = (deliveryTimeoutMs: number): StratalogError =>
  new StratalogError(
    'REQUEST_TIMED_OUT',
    `The message was not sent within ${deliveryTimeoutMs} ms, because what came before it was not through. Raise deliveryTimeoutMs, or send less.`,
    { context: { deliveryTimeoutMs } },
  );

export const dispatcher = (connection: Connection, options: DispatcherOptions): Dispatcher => {
  const { runtime, retry } = connection;
  const { lingerMs, deliveryTimeoutMs, maxRequestsInFlight, identities, compressor } = options;
  const routes = new Map<string, Route>();
  let hurrying = 0;
  let isPumpPlanned = false;

  const routeOf = (topic: string, targetBytes: number): Route => {
    let route = routes.get(topic);
    if (route === undefined) {
      route = { topic, lanes: new Map(), ready: new Set(), requests: 0, targetBytes };
      routes.set(topic, route);
    }
    route.targetBytes = targetBytes;
    return route;
  };

  const laneOf = ({ lanes }: Route, partition: number): Lane => {
    const found = lanes.get(partition);
    if (found !== undefined) return found;
    const made = { runs: [], inFlight: undefined, identity: undefined, left: undefined };
    const lane: Lane = { partition, ...made, nextSequence: 0 };
    lanes.set(partition, lane);
    return lane;
  };

  // ── which runs leave ─────────────────────────────────────────────────────────────────────────

  const planPump = () => {
    if (isPumpPlanned) return;
    isPumpPlanned = true;
    runtime.defer(() => {
      isPumpPlanned = false;
      pump();
    });
  };

  const isOverdue = ({ bornMs }: Run, delayMs = 0): boolean =>
    runtime.monotonicMs() + delayMs - bornMs >= deliveryTimeoutMs;

  /** Takes the lane up again, once nothing of it is in flight. */
  const release = (route: Route, lane: Lane) => {
    if (lane.inFlight === undefined && lane.runs.length > 0) route.ready.add(lane);
  };

  const drop = (lane: Lane, run: Run) => {
    lane.runs = lane.runs.filter((other) => other !== run);
  };

  /** The lane's first run if it is due, its bytes made. */
  const departing = (route: Route, lane: Lane): Run | undefined => {
    let run = lane.runs[0];
    for (; run !== undefined && run.attempts === 0 && isOverdue(run); run = lane.runs[0]) {
      drop(lane, run);
      tellFailed(run, route.topic, lane.partition, overdue(deliveryTimeoutMs));
    }
    if (run === undefined) {
      route.ready.delete(lane);
      return undefined;
    }
    if (!run.isDue && hurrying === 0) return undefined;
    if (identities !== undefined && lane.identity === undefined) {
      route.ready.delete(lane);
      void identify(route, lane, identities);
      return undefined;
    }
    const { identity, nextSequence: sequence } = lane;
    const { targetBytes } = route;
    encodeRun(run, { targetBytes, compressor: compressor(), identity, sequence });
    return run;
  };

  const sizeOf = ({ encoded = [] }: Run): number =>
    encoded.reduce((sum, { bytes }) => sum + bytes.length, FRAME_BYTES);

  /** What the next request carries. */
  const take = (route: Route): readonly Lane[] => {
    const lanes: Lane[] = [];
    let size = 0;
    for (const lane of [...route.ready]) {
      const run = departing(route, lane);
      if (run === undefined) continue;
      const runBytes = sizeOf(run);
      if (runBytes > MAX_PRODUCE_REQUEST_BYTES) {
        fail(route, lane, run, tooLarge(runBytes));
        planPump();
        continue;
      }
      if (size + runBytes > MAX_PRODUCE_REQUEST_BYTES) break;
      size += runBytes;
      lanes.push(lane);
      lane.inFlight = run;
      route.ready.delete(lane);
    }
    return lanes;
  };

  const pump = () => {
    for (const route of routes.values()) {
      while (route.requests < maxRequestsInFlight) {
        const lanes = take(route);
        if (lanes.length === 0) break;
        void send(route, lanes);
      }
    }
  };

  const send = async (route: Route, lanes: readonly Lane[]) => {
    route.requests += 1;
    const shares = lanes.map(({ partition, inFlight }) => {
      const { encoded = [], expectedEnd, entries } = inFlight!;
      inFlight!.attempts += 1;
      for (const { delivery } of entries) delivery.sent();
      options.onDeparture(route.topic, partition);
      const share = { partition, batches: encoded.map(({ bytes }) => bytes) };
      return expectedEnd === undefined ? share : { ...share, expectedEnd };
    });
    const results = await produceOnce(connection, route.topic, shares).catch(
      (caught: unknown): readonly ProduceResult[] => {
        const error = asStratalogError(caught);
        return shares.map(({ partition }) => ({ partition, error }));
      },
    );
    route.requests -= 1;
    for (const [i, lane] of lanes.entries()) settle(route, lane, results[i]!);
    pump();
  };

  // ── what their answers mean ──────────────────────────────────────────────────────────────────

  const settle = (route: Route, lane: Lane, result: ProduceResult) => {
    const run = lane.inFlight!;
    lane.inFlight = undefined;
    if (result.error === undefined) written(route, lane, run, result.baseOffsets);
    else fail(route, lane, run, result.error);
  };

  const written = (route: Route, lane: Lane, run: Run, baseOffsets: readonly number[]) => {
    drop(lane, run);
    lane.nextSequence = sequenceAfter(lane.nextSequence, run.entries.length);
    tellWritten(run, route.topic, lane.partition, baseOffsets);
    release(route, lane);
  };

  const fail = (route: Route, lane: Lane, run: Run, error: StratalogError) => {
    const verdict = verdictOn(error, {
      isIdempotent: identities !== undefined,
      count: run.attempts,
      mayBeWritten: run.mayBeWritten,
      wasRenewed: run.wasRenewed,
      canSplit: run.entries.length > 1 && run.expectedEnd === undefined,
    });
    run.mayBeWritten ||= error.effect === 'unknown';
    if (error.code === 'UNKNOWN_TOPIC_OR_PARTITION' || error.code === 'MESSAGE_TOO_LARGE') {
      options.onSurprise(route.topic);
    }
    switch (verdict) {
      case 'again':
        again(route, lane, run, error);
        return;
      case 'written':
        written(route, lane, run, []);
        return;
      case 'renew':
        run.wasRenewed = true;
        run.encoded = undefined;
        leaveIdentity(lane);
        break;
      case 'split':
        lane.runs = lane.runs.flatMap((other) => (other === run ? halvesOf(run) : [other]));
        break;
      case 'fail':
        giveUp(route, lane, run, error);
        return;
    }
    release(route, lane);
  };

  const again = (route: Route, lane: Lane, run: Run, error: StratalogError) => {
    const delayMs = pauseMs(run.attempts, retry, runtime);
    if (isOverdue(run, delayMs)) {
      giveUp(route, lane, run, error);
      return;
    }
    void runtime.sleep(delayMs).then(() => {
      release(route, lane);
      pump();
    });
  };

  const leaveIdentity = (lane: Lane) => {
    lane.left = lane.identity;
    lane.identity = undefined;
  };

  /** Of what may have been written the sequence is spent or not, nobody knows: the next begin anew. */
  const giveUp = (route: Route, lane: Lane, run: Run, error: StratalogError) => {
    drop(lane, run);
    if (run.mayBeWritten) leaveIdentity(lane);
    tellFailed(run, route.topic, lane.partition, error);
    release(route, lane);
  };

  /** Gets the lane an identity that it never had, as long as there is something to send under it. */
  const identify = async (route: Route, lane: Lane, source: Identities) => {
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
    release(route, lane);
    pump();
  };

  // ── what comes in ────────────────────────────────────────────────────────────────────────────

  const linger = (run: Run) => {
    if (lingerMs === 0) {
      run.isDue = true;
      planPump();
      return;
    }
    void runtime.sleep(lingerMs).then(() => {
      run.isDue = true;
      pump();
    });
  };

  const enqueue = (route: Route, lane: Lane, run: Run) => {
    const last = lane.runs.at(-1);
    // Nothing joins it any more, so there is nothing to wait for.
    if (last !== undefined) last.isDue = true;
    lane.runs = [...lane.runs, run];
    release(route, lane);
    if (run.isDue || last !== undefined) planPump();
  };

  return {
    append: (topic, partition, entry, targetBytes) => {
      const route = routeOf(topic, targetBytes);
      const lane = laneOf(route, partition);
      const last = lane.runs.at(-1);
      if (last !== undefined && hasRoomFor(last, entry, targetBytes)) {
        last.entries.push(entry);
        last.sizeBytes += entry.sizeBytes;
        return;
      }
      const run = newRun([entry], runtime.monotonicMs());
      enqueue(route, lane, run);
      linger(run);
    },
    appendAt: (topic, partition, entries, targetBytes, expectedEnd) => {
      const route = routeOf(topic, targetBytes);
      enqueue(route, laneOf(route, partition), newRun(entries, runtime.monotonicMs(), expectedEnd));
    },
    withdraw: (topic, delivery) => {
      for (const lane of routes.get(topic)?.lanes.values() ?? []) {
        for (const run of lane.runs) {
          if (run.attempts > 0) continue;
          const withdrawn = withdrawFrom(run, (entry) => entry.delivery === delivery);
          if (run.entries.length === 0) drop(lane, run);
          const error = cancelled(false);
          for (const { settle } of withdrawn) settle({ topic, partition: lane.partition, error });
        }
      }
    },
    isFull: (topic, partition, sizeBytes, targetBytes) => {
      const last = routes.get(topic)?.lanes.get(partition)?.runs.at(-1);
      return last !== undefined && last.sizeBytes + sizeBytes > targetBytes;
    },
    hurry: () => {
      hurrying += 1;
      planPump();
      return () => {
        hurrying -= 1;
      };
    },
  };
};
