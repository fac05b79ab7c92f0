/**
 * Refuses at synth what CloudFormation would refuse in the middle of a deployment, or what would deploy
 * and then not work. Numbers that CDK does not know yet (tokens) are left to CloudFormation.
 */
import { type Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { StratalogError } from '../lib/model/errors.ts';
import { topicName } from '../lib/model/ids.ts';
import { APPEND_TIMEOUT_MS, MAX_FETCH_WAIT_MS, STORE_PATIENCE_MS } from '../lib/model/limits.ts';
import { DEFAULT_MAX_FETCH_WAIT, type NamedProps } from './functions.ts';
import { LogBase } from './log.ts';
import { FUNCTION_NAMES, HTTP_FUNCTIONS, type LogFunction } from './names.ts';
import { outputPrefix } from './outputs.ts';
import { collectProblems, type Problems } from './problems.ts';
import type { FunctionProps, StratalogProps } from './props.ts';

const MONITORING = ['none', 'alarms', 'full'];
const LOG_LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR'];
const REMOVAL_POLICIES = [
  RemovalPolicy.RETAIN,
  RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  RemovalPolicy.DESTROY,
];

/** API Gateway gives up after 30 seconds; a function that ends first can still be told apart. */
const MAX_HTTP_TIMEOUT_SECONDS = 29;
const MAX_TIMEOUT_SECONDS = 900;
/** Lambda's range. The largest requests take some 240 MiB, measured with a heap that is kept short. */
const MIN_MEMORY_MIB = 128;
const MIN_HTTP_MEMORY_MIB = 256;
const MAX_MEMORY_MIB = 10_240;
/** What a new on-demand table can take at once; less cannot be asked for. */
const WARM_READS = 12_000;
const WARM_WRITES = 4_000;
/** All variables of a function take 4 KB together; the others need little. */
const MAX_METRIC_TOPICS_LENGTH = 3_000;

const isWhole = (value: number, from: number, to: number): boolean =>
  Token.isUnresolved(value) || (Number.isInteger(value) && value >= from && value <= to);

const oneOf = (values: readonly unknown[]): string =>
  `legal is ${values.map((value) => JSON.stringify(value)).join(', ')}`;

/** How long a function must at least be let work, so that it answers before Lambda ends it. */
const shortestTimeoutMs = (name: LogFunction, fetchWaitMs: number): number => {
  switch (name) {
    case 'produce':
      return APPEND_TIMEOUT_MS;
    case 'fetch':
      return fetchWaitMs;
    case 'maintain':
      return 0;
    default:
      return STORE_PATIENCE_MS;
  }
};

const checkDuration = (
  problems: Problems,
  name: string,
  value: Duration | undefined,
  fromMs: number,
  toMs: number,
  unitMs: number,
  legal: string,
): void => {
  if (value === undefined || value.isUnresolved()) return;
  const ms = value.toMilliseconds({ integral: false });
  problems.require(ms % unitMs === 0 && ms >= fromMs && ms <= toMs, name, value, legal);
};

const checkFunction = (
  problems: Problems,
  name: LogFunction,
  { memorySize, timeout, reservedConcurrency }: FunctionProps,
  fetchWaitMs: number,
): void => {
  const isHttp = HTTP_FUNCTIONS.some((http) => http === name);
  if (memorySize !== undefined) {
    const leastMiB = isHttp ? MIN_HTTP_MEMORY_MIB : MIN_MEMORY_MIB;
    problems.require(
      isWhole(memorySize, leastMiB, MAX_MEMORY_MIB),
      `functions.${name}.memorySize`,
      memorySize,
      `legal are whole MiB from ${leastMiB} to ${MAX_MEMORY_MIB}`,
    );
  }
  const least = Math.floor(shortestTimeoutMs(name, fetchWaitMs) / 1000) + 1;
  const most = isHttp ? MAX_HTTP_TIMEOUT_SECONDS : MAX_TIMEOUT_SECONDS;
  checkDuration(
    problems,
    `functions.${name}.timeout`,
    timeout,
    least * 1000,
    most * 1000,
    1000,
    `legal are whole seconds from ${least} (until then the function may still be trying) to ${most}`,
  );
  if (reservedConcurrency !== undefined) {
    problems.require(
      isWhole(reservedConcurrency, 1, Number.MAX_SAFE_INTEGER),
      `functions.${name}.reservedConcurrency`,
      reservedConcurrency,
      'legal are whole numbers from 1: with 0 the function would never run',
    );
  }
};

const checkThroughput = (problems: Problems, props: StratalogProps): void => {
  const check = (name: string, value: number | undefined, least: number): void => {
    if (value === undefined) return;
    const legal = `legal are whole units per second from ${least}`;
    problems.require(isWhole(value, least, Number.MAX_SAFE_INTEGER), name, value, legal);
  };
  const { maxOnDemandThroughput: most, warmThroughput: warm } = props;
  check('maxOnDemandThroughput.readUnitsPerSecond', most?.readUnitsPerSecond, 1);
  check('maxOnDemandThroughput.writeUnitsPerSecond', most?.writeUnitsPerSecond, 1);
  check('warmThroughput.readUnitsPerSecond', warm?.readUnitsPerSecond, WARM_READS);
  check('warmThroughput.writeUnitsPerSecond', warm?.writeUnitsPerSecond, WARM_WRITES);
};

const checkThrottle = (problems: Problems, { throttle }: StratalogProps): void => {
  const { rateLimit, burstLimit } = throttle ?? {};
  if (rateLimit !== undefined && !Token.isUnresolved(rateLimit)) {
    const legal = 'legal are requests per second above 0';
    problems.require(rateLimit > 0, 'throttle.rateLimit', rateLimit, legal);
  }
  if (burstLimit !== undefined) {
    const legal = 'legal are whole numbers of requests from 1';
    const holds = isWhole(burstLimit, 1, Number.MAX_SAFE_INTEGER);
    problems.require(holds, 'throttle.burstLimit', burstLimit, legal);
  }
};

const checkRemoval = (problems: Problems, props: StratalogProps): void => {
  const { removalPolicy, deletionProtection } = props;
  if (removalPolicy === undefined) return;
  const holds = REMOVAL_POLICIES.includes(removalPolicy);
  problems.require(holds, 'removalPolicy', removalPolicy, oneOf(REMOVAL_POLICIES));
  if (removalPolicy === RemovalPolicy.DESTROY && deletionProtection) {
    const legal =
      'with removalPolicy "destroy" it must be false: the bucket would be emptied, and the table would stay';
    problems.add('deletionProtection', deletionProtection, legal);
  }
};

const checkNetwork = (problems: Problems, props: StratalogProps): void => {
  if (props.vpc !== undefined) return;
  for (const name of ['vpcSubnets', 'securityGroups', 'gatewayEndpoints'] as const) {
    if (props[name] !== undefined) problems.say(`${name} is set; it needs vpc`);
  }
};

const checkMonitoring = (problems: Problems, props: StratalogProps): void => {
  const { monitoring, alarmActions = [], metricTopics = [] } = props;
  if (monitoring !== undefined) {
    problems.require(MONITORING.includes(monitoring), 'monitoring', monitoring, oneOf(MONITORING));
  }
  if (monitoring === 'none' && alarmActions.length > 0) {
    problems.say(
      'alarmActions are set; with monitoring "none" there is no alarm that could do them',
    );
  }
  for (const [index, name] of metricTopics.entries()) {
    try {
      topicName(name);
    } catch (error) {
      if (!(error instanceof StratalogError)) throw error;
      problems.add(`metricTopics[${index}]`, name, error.message);
    }
    const isFirst = metricTopics.indexOf(name) === index;
    problems.require(isFirst, `metricTopics[${index}]`, name, 'it must be there once');
  }
  const { length } = metricTopics.join(',');
  if (length > MAX_METRIC_TOPICS_LENGTH) {
    problems.say(
      `metricTopics has ${length} characters in all; legal are ${MAX_METRIC_TOPICS_LENGTH}, as it is passed in a variable of the functions`,
    );
  }
};

/** What a stack tells of a log is found by its prefix, and what CloudWatch knows of it by its name. */
const checkNames = (problems: Problems, scope: Construct, logName: string): void => {
  if (!Token.isUnresolved(logName)) {
    const legal = 'legal are 1 to 128 printable ASCII characters, the first of them no colon';
    problems.require(/^(?!:)[ -~]{1,128}$/.test(logName), 'logName', logName, legal);
  }
  const prefix = outputPrefix(scope);
  if (prefix === '') {
    const legal = 'its outputs are named by its letters and digits, of which it has none';
    problems.add('the id', scope.node.id, legal);
  }
  const stack = Stack.of(scope);
  for (const other of stack.node.findAll()) {
    // One that another stack made has its names there.
    const isMadeHere = other.constructor === scope.constructor && Stack.of(other) === stack;
    if (other === scope || !isMadeHere || !(other instanceof LogBase)) continue;
    const { path } = other.node;
    if (other.logName === logName) {
      problems.add('logName', logName, `the log ${path} of this stack is called so, too`);
    }
    if (outputPrefix(other) === prefix) {
      problems.add('the id', scope.node.id, `the outputs of ${path} would have the same names`);
    }
  }
};

/** Checks all props of the log that is to be made as `scope`. @throws an Error that lists what cannot work */
export const validate = (scope: Construct, props: NamedProps): void => {
  const problems = collectProblems();
  const { logName, functions = {}, maxFetchWait, logLevel, logRetention } = props;
  checkNames(problems, scope, logName);
  checkRemoval(problems, props);
  const dayMs = 24 * 3600 * 1000;
  const days = 'legal are whole days from 1 to 35';
  checkDuration(problems, 'recoveryWindow', props.recoveryWindow, dayMs, 35 * dayMs, dayMs, days);
  checkThroughput(problems, props);

  const waits = `legal are whole milliseconds from 0 to ${MAX_FETCH_WAIT_MS}`;
  checkDuration(problems, 'maxFetchWait', maxFetchWait, 0, MAX_FETCH_WAIT_MS, 1, waits);
  const fetchWaitMs = maxFetchWait?.isUnresolved()
    ? 0
    : (maxFetchWait?.toMilliseconds({ integral: false }) ??
      DEFAULT_MAX_FETCH_WAIT.toMilliseconds());
  for (const [name, of] of Object.entries(functions)) {
    const known = FUNCTION_NAMES.find((one) => one === name);
    if (known === undefined)
      problems.say(`functions.${name} is no function; ${oneOf(FUNCTION_NAMES)}`);
    else checkFunction(problems, known, of ?? {}, fetchWaitMs);
  }
  if (logLevel !== undefined) {
    problems.require(LOG_LEVELS.includes(logLevel), 'logLevel', logLevel, oneOf(LOG_LEVELS));
  }
  if (logRetention !== undefined) {
    const holds = typeof RetentionDays[logRetention] === 'string';
    problems.require(holds, 'logRetention', logRetention, 'legal are the values of RetentionDays');
  }
  checkNetwork(problems, props);
  checkThrottle(problems, props);
  checkMonitoring(problems, props);
  problems.throwIfAny(`The log ${scope.node.path}`);
};
