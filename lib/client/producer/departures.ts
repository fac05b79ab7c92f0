/** What the next request of a topic carries: the first run of every lane that is free, as far as they fit. */
import { StratalogError } from '../../model/errors.ts';
import { MAX_PRODUCE_REQUEST_BYTES } from '../../model/limits.ts';
import type { Compressor } from '../../record/compression/compressor.ts';
import { overdue } from './deadline.ts';
import { drop, type Lane, type Route } from './lane.ts';
import { encodeRun, type Run, tellFailed } from './run.ts';

export interface Departures {
  readonly deliveryTimeoutMs: number;
  readonly compressor: () => Compressor | undefined;
  /** Whether nothing lingers now. */
  readonly isHurried: () => boolean;
  readonly isOverdue: (run: Run) => boolean;
  /** Whether the lane can be sent under the identity that it has; if not, somebody sees to it. */
  readonly isIdentified: (route: Route, lane: Lane) => boolean;
  /** The run is larger than any request. */
  readonly onTooLarge: (route: Route, lane: Lane, run: Run, error: StratalogError) => void;
}

/** Around the batches of a share. */
const FRAME_BYTES = 64;

/** What the run takes in a request, its bytes made. */
export const sizeOf = ({ encoded = [] }: Run): number =>
  encoded.reduce((sum, { bytes }) => sum + bytes.length, FRAME_BYTES);

const tooLarge = (sizeBytes: number): StratalogError =>
  new StratalogError(
    'MESSAGE_TOO_LARGE',
    `The messages take ${sizeBytes} bytes in a request, which carries ${MAX_PRODUCE_REQUEST_BYTES}. Send less in one message, or with expectedEnd fewer at once.`,
    { context: { sizeBytes, maxBytes: MAX_PRODUCE_REQUEST_BYTES } },
  );

/** The lane's first run if it is due, its bytes made. */
const departing = (route: Route, lane: Lane, rules: Departures): Run | undefined => {
  const { deliveryTimeoutMs } = rules;
  let run = lane.runs[0];
  for (; run !== undefined && run.attempts === 0 && rules.isOverdue(run); run = lane.runs[0]) {
    drop(lane, run);
    const error = overdue(deliveryTimeoutMs, 'what came before it was not through');
    tellFailed(run, route.topic, lane.partition, error);
  }
  if (run === undefined) {
    route.ready.delete(lane);
    return undefined;
  }
  if (!run.isDue && !rules.isHurried()) return undefined;
  if (!rules.isIdentified(route, lane)) {
    route.ready.delete(lane);
    return undefined;
  }
  const { identity, nextSequence: sequence } = lane;
  const { targetBytes } = route;
  encodeRun(run, { targetBytes, compressor: rules.compressor(), identity, sequence });
  return run;
};

/** Takes lanes that leave now; their first run is in flight from here on. None: there is nothing to send. */
export const takeLanes = (route: Route, rules: Departures): readonly Lane[] => {
  const lanes: Lane[] = [];
  let size = 0;
  for (const lane of [...route.ready]) {
    const run = departing(route, lane, rules);
    if (run === undefined) continue;
    const runBytes = sizeOf(run);
    if (runBytes > MAX_PRODUCE_REQUEST_BYTES) {
      rules.onTooLarge(route, lane, run, tooLarge(runBytes));
      continue;
    }
    if (lanes.length > 0 && size + runBytes > route.requestBytes) break;
    size += runBytes;
    lanes.push(lane);
    lane.inFlight = run;
    route.ready.delete(lane);
  }
  return lanes;
};
