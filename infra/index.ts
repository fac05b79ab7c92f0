/** What `stratalog/cdk` offers: a log as a construct of CDK. */
export type { LogFunction } from './names.ts';
export type {
  FunctionProps,
  LogLevel,
  Monitoring,
  StratalogProps,
  ThrottleProps,
  ThroughputProps,
} from './props.ts';
export { Stratalog } from './stratalog.ts';
