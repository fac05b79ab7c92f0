/**
 * Requests that could be made: every route, with names that are easily taken for others.
 */
import { ROUTES, type Route } from '../../lib/http/routes.ts';

/** A request for a route, with what its path names. */
export interface PossibleRequest {
  readonly route: Route;
  readonly path: string;
  readonly topic: string | undefined;
  readonly group: string | undefined;
}

/** The topics and the group that tests grant. */
export const TOPIC = 'orders';
export const OTHER_TOPIC = 'audit';
export const GROUP = 'billing/eu';
/** As it is written in a path. */
export const GROUP_SEGMENT = 'billing~2Feu';

const TOPICS = [
  TOPIC,
  OTHER_TOPIC,
  'order',
  'orders2',
  'Orders',
  'orders.eu',
  'records',
  'partitions',
  '*',
  'order?',
  '..',
  'orders%2Frecords',
  `orders%2Fpartitions%2F0`,
];
const GROUPS = [GROUP_SEGMENT, 'billing', 'billing~2Fe', 'billing~2feu', 'billing%2Feu', '*', '..'];
const PARTITIONS = ['0', '9999', 'x', '*', '..', '0%2Frecords', 'records', 'partitions'];
const ASSETS = ['page.css', '*', '..'];

const VALUES: Readonly<Record<string, readonly string[]>> = {
  topic: TOPICS,
  group: GROUPS,
  partition: PARTITIONS,
  asset: ASSETS,
};

const fillings = (route: Route): readonly PossibleRequest[] => {
  let found: readonly Record<string, string>[] = [{}];
  for (const [, name] of route.path.matchAll(/\{(\w+)\}/g)) {
    found = found.flatMap((values) =>
      VALUES[name!]!.map((value) => ({ ...values, [name!]: value })),
    );
  }
  return found.map((values) => ({
    route,
    path: route.path.replaceAll(/\{(\w+)\}/g, (_, name) => values[name]!),
    topic: values.topic,
    group: values.group,
  }));
};

/** All of them. */
export const POSSIBLE_REQUESTS: readonly PossibleRequest[] = ROUTES.flatMap(fillings);
