/** What watches a log: nothing, alarms, or alarms and a dashboard. */
import { Construct } from 'constructs';
import { createAlarms, type Watched } from './alarms.ts';
import { createDashboard } from './dashboard.ts';
import type { StratalogProps } from './props.ts';

/** Makes it, as the props ask. */
export const createMonitoring = (
  scope: Construct,
  watched: Watched,
  { monitoring = 'alarms', alarmActions = [], metricTopics = [] }: StratalogProps,
): void => {
  if (monitoring === 'none') return;
  const alarms = createAlarms(new Construct(scope, 'Alarms'), watched, alarmActions);
  if (monitoring === 'full') createDashboard(scope, watched, alarms, metricTopics);
};
