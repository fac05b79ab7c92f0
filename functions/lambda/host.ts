/**
 * A Lambda environment as the host of functions: its stores, its log, its metrics.
 *
 * What cannot be opened is no reason to die: the environment starts, and every request is told what is
 * wrong, by an answer and in the log. Lambda would start a process that died again and again, and say
 * nothing but that it did.
 */
import { createBroker } from '../../lib/broker/broker.ts';
import type { HttpServices } from '../../lib/http/app.ts';
import type { Outcome } from '../../lib/http/events.ts';
import { type FunctionName, routesAt } from '../../lib/http/routes.ts';
import { asStratalogError } from '../../lib/model/errors.ts';
import { type Runtime, systemRuntime } from '../../lib/model/runtime.ts';
import { openAws } from '../../lib/storage/aws/open.ts';
import type { BlobStore, ItemStore } from '../../lib/storage/ports.ts';
import type { Host } from '../runtime.ts';
import { metricsPublisher, type Publish } from './emf.ts';
import { createLog, logOutcome, told } from './log.ts';
import { countFailure, meteredBroker } from './metered-broker.ts';
import { type Environment, type LambdaSettings, lambdaSettings } from './settings.ts';
import { newTally, type Tally, tallying } from './tally.ts';

/** Opens the stores that the settings name. */
export type OpenStores = (
  settings: Pick<LambdaSettings, 'table' | 'bucket'> & { readonly runtime: Runtime },
) => { readonly items: ItemStore; readonly blobs: BlobStore };

interface Opened {
  readonly services: HttpServices;
  readonly publish: Publish;
}

const open = (environment: Environment, runtime: Runtime, openStores: OpenStores): Opened => {
  const settings = lambdaSettings(environment);
  const { table, bucket, maxFetchWaitMs } = settings;
  const stores = openStores({ table, bucket, runtime });
  const broker = meteredBroker(createBroker({ ...stores, runtime, freezes: true }));
  return { services: { broker, runtime, maxFetchWaitMs }, publish: metricsPublisher(settings) };
};

/** Metrics of failures, by the routes they are told for. */
const FAILURES_OF = {
  produce: 'FailedProduceRequests',
  fetch: 'FailedFetchRequests',
  fetchPartition: 'FailedFetchRequests',
} as const;

/** Counts a request that failed before it came to the broker, such as one that cannot be read. */
const countRefused = (tally: Tally, { incoming, error }: Outcome): void => {
  if (incoming === undefined || error === undefined) return;
  const { method, path } = incoming;
  const route = routesAt(path).find((candidate) => candidate.method === method);
  if (route === undefined || !Object.hasOwn(FAILURES_OF, route.name)) return;
  const metric = FAILURES_OF[route.name as keyof typeof FAILURES_OF];
  const isCounted = [...tally.counts.values()].some((counts) => counts[metric] !== undefined);
  if (!isCounted) countFailure(tally, path.split('/')[2] ?? '', metric, error);
};

/** The host that these variables describe. It is made once, when the environment starts. */
export const lambdaHost = (
  environment: Environment,
  {
    runtime = systemRuntime,
    openStores = openAws,
  }: { runtime?: Runtime; openStores?: OpenStores } = {},
): Host => {
  const log = createLog(environment);
  let opened: Opened | undefined;
  let failure: unknown;
  try {
    opened = open(environment, runtime, openStores);
  } catch (error) {
    failure = error;
  }
  /** What was done is done: that it could not be written down is no failure of the request. */
  const harmlessly = (write: () => void): void => {
    try {
      write();
    } catch (error) {
      log.error({ message: 'What a request did could not be told.', errors: [told(error)] });
    }
  };
  return {
    services: async () => {
      if (opened === undefined) throw asStratalogError(failure);
      return opened.services;
    },
    observe: async <T>(
      name: FunctionName,
      invocation: (witness: (outcome: Outcome) => void) => Promise<T>,
    ) => {
      const tally = newTally();
      const answer = await tallying(tally, () =>
        invocation((outcome) =>
          harmlessly(() => {
            countRefused(tally, outcome);
            logOutcome(log, name, outcome, tally.failures);
          }),
        ),
      );
      harmlessly(() => opened?.publish(name, tally));
      return answer;
    },
  };
};
