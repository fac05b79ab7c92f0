/**
 * The metrics of an invocation, as a line of CloudWatch's embedded metric format on stdout: CloudWatch Logs
 * makes metrics of it, so nothing is called and nothing is waited for.
 *
 *   {"_aws": {…, "Namespace": "Stratalog", "Dimensions": [["Log", "Function"], ["Log", "Topic"]]},
 *    "Log": "Stratalog-Log", "Function": "produce", "Topic": "orders", "MessagesIn": 3, "BytesIn": 412}
 *
 * A line costs what it weighs, so an invocation that counted nothing writes none, and one of a single topic
 * writes one for both of its dimensions. Names, units and dimensions are those of `lib/model/metrics.ts`.
 */
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { FunctionName } from '../../lib/http/routes.ts';
import {
  DIMENSIONS,
  METRICS,
  METRICS_NAMESPACE,
  type MetricName,
} from '../../lib/model/metrics.ts';
import type { LambdaSettings } from './settings.ts';
import { type Counts, type Tally, totalOf } from './tally.ts';

/** Writes the metrics of an invocation of a function. */
export type Publish = (name: FunctionName, tally: Tally) => void;

export const metricsPublisher = ({
  log,
  metricTopics,
}: Pick<LambdaSettings, 'log' | 'metricTopics'>): Publish => {
  const metrics = new Metrics({ namespace: METRICS_NAMESPACE });
  // It brings one of its own, `service`, which nobody could leave out of a query.
  metrics.clearDefaultDimensions();
  metrics.setDefaultDimensions({ [DIMENSIONS.log]: log });

  const write = (counts: Counts, ...dimensions: readonly Readonly<Record<string, string>>[]) => {
    for (const set of dimensions) metrics.addDimensions(set);
    for (const [name, value] of Object.entries(counts) as [MetricName, number][]) {
      metrics.addMetric(name, METRICS[name].unit, value);
    }
    // What was added goes with it, at once, so that invocations beside this one add to nothing of ours.
    metrics.publishStoredMetrics();
  };

  return (name, tally) => {
    if (tally.counts.size === 0) return;
    const ofFunction = { [DIMENSIONS.function]: name };
    const named = [...tally.counts].filter(([topic]) => metricTopics.has(topic));
    const [first] = named;
    if (tally.counts.size === 1 && first !== undefined) {
      const [topic, counts] = first;
      write(counts, ofFunction, { [DIMENSIONS.topic]: topic });
      return;
    }
    write(totalOf(tally), ofFunction);
    for (const [topic, counts] of named) write(counts, { [DIMENSIONS.topic]: topic });
  };
};
