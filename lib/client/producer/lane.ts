/** Partitions and topics as a producer sees them: what waits, what is in flight, under which identity. */

import type { StratalogError } from '../../model/errors.ts';
import { MAX_PRODUCE_REQUEST_BYTES } from '../../model/limits.ts';
import type { Identity } from './identity.ts';
import { type Run, sequenceAfter, tellFailed, tellWritten } from './run.ts';

/** A partition. At most one of its runs is in flight, so that its messages keep their order. */
export interface Lane {
  readonly partition: number;
  /** In order; the one in flight is the first. */
  runs: readonly Run[];
  inFlight: Run | undefined;
  /** Whether a pause, or an identity, is waited for. */
  isWaiting: boolean;
  /** Absent: not idempotent, or none yet. */
  identity: Identity | undefined;
  /** The one it gave up. */
  left: Identity | undefined;
  /** Of the next record. */
  nextSequence: number;
}

/** A topic. */
export interface Route {
  readonly topic: string;
  readonly lanes: Map<number, Lane>;
  /** Lanes with runs, with nothing in flight and nothing to be waited for. */
  readonly ready: Set<Lane>;
  /** On their way. */
  requests: number;
  /** What a batch is to have, at most. */
  targetBytes: number;
  /** Of several batches together; a proxy on the way may take less than the service. */
  requestBytes: number;
}

/** Topics by name, made when they are first asked for. */
export interface Routes {
  all(): Iterable<Route>;
  find(topic: string): Route | undefined;
  get(topic: string, targetBytes: number): Route;
}

/** No topic yet. */
export const newRoutes = (): Routes => {
  const routes = new Map<string, Route>();
  return {
    all: () => routes.values(),
    find: (topic) => routes.get(topic),
    get: (topic, targetBytes) => {
      let route = routes.get(topic);
      if (route === undefined) {
        const requestBytes = MAX_PRODUCE_REQUEST_BYTES;
        const nothing = { lanes: new Map(), ready: new Set<Lane>(), requests: 0 };
        route = { topic, ...nothing, targetBytes, requestBytes };
        routes.set(topic, route);
      }
      route.targetBytes = targetBytes;
      return route;
    },
  };
};

/** The lane of a partition, made when it is first asked for. */
export const laneOf = ({ lanes }: Route, partition: number): Lane => {
  let lane = lanes.get(partition);
  if (lane === undefined) {
    const nobody = { identity: undefined, left: undefined, nextSequence: 0 };
    lane = { partition, runs: [], inFlight: undefined, isWaiting: false, ...nobody };
    lanes.set(partition, lane);
  }
  return lane;
};

/** Lets the lane leave with the next request, if it has something to send and nothing to wait for. */
export const release = (route: Route, lane: Lane): void => {
  const isHeld = lane.isWaiting || lane.inFlight !== undefined;
  if (!isHeld && lane.runs.length > 0) route.ready.add(lane);
};

/** Takes a run out of its lane. */
export const drop = (lane: Lane, run: Run): void => {
  lane.runs = lane.runs.filter((other) => other !== run);
};

/** The next batch begins under an identity that this lane never had. */
export const leaveIdentity = (lane: Lane): void => {
  lane.left = lane.identity ?? lane.left;
  lane.identity = undefined;
};

/** The run is in the log. */
export const finish = (
  route: Route,
  lane: Lane,
  run: Run,
  baseOffsets: readonly number[],
): void => {
  drop(lane, run);
  lane.nextSequence = sequenceAfter(lane.nextSequence, run.entries.length);
  tellWritten(run, route.topic, lane.partition, baseOffsets);
  release(route, lane);
};

/**
 * The run will not be sent again. If it may have been written, whether its sequence is spent nobody
 * knows, and the lane begins anew as somebody else.
 */
export const giveUp = (route: Route, lane: Lane, run: Run, error: StratalogError): void => {
  drop(lane, run);
  if (run.mayBeWritten) leaveIdentity(lane);
  tellFailed(run, route.topic, lane.partition, error);
  release(route, lane);
};
