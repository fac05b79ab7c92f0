/** What cannot work is refused at synth: everything at once, each by its name, with what is legal. */
import { Duration, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { describe, expect, it } from 'vitest';
import type { StratalogProps } from '../../infra/props.ts';
import { Stratalog } from '../../infra/stratalog.ts';
import { newApp } from './synth.ts';

/** The lines of the refusal; none: it can be made. */
const refusalOf = (props: object): readonly string[] => {
  try {
    new Stratalog(new Stack(newApp(), 'Stratalog'), 'Log', props as StratalogProps);
    return [];
  } catch (error) {
    return (error as Error).message.split('\n');
  }
};

const DAY_MS = 24 * 3600 * 1000;
const action: IAlarmAction = { bind: () => ({ alarmActionArn: 'arn:aws:sns:::x' }) };

/** Bad props, and the one line that each must lead to. */
const BAD: readonly (readonly [StratalogProps | object, RegExp])[] = [
  [{ logName: '' }, /^ {2}logName is ""; legal are 1 to 128 printable ASCII characters/],
  [{ logName: 'bücher' }, /^ {2}logName is "bücher"/],
  [{ logName: 'x'.repeat(129) }, /^ {2}logName is "x{129}"/],
  [{ logName: ':a' }, /^ {2}logName is ":a"/],
  [
    { removalPolicy: RemovalPolicy.SNAPSHOT },
    /^ {2}removalPolicy is "snapshot"; legal is "retain"/,
  ],
  [
    { removalPolicy: RemovalPolicy.DESTROY, deletionProtection: true },
    /^ {2}deletionProtection is true; with removalPolicy "destroy" it must be false/,
  ],
  [{ recoveryWindow: Duration.days(36) }, /^ {2}recoveryWindow is 36 days; .* from 1 to 35/],
  [{ recoveryWindow: Duration.hours(36) }, /^ {2}recoveryWindow is 1 day 12 hours; .*whole days/],
  [{ recoveryWindow: Duration.days(0) }, /^ {2}recoveryWindow is 0 days/],
  [
    { maxOnDemandThroughput: { readUnitsPerSecond: 0 } },
    /^ {2}maxOnDemandThroughput.readUnitsPerSecond is 0; .* from 1/,
  ],
  [
    { maxOnDemandThroughput: { writeUnitsPerSecond: 1.5 } },
    /^ {2}maxOnDemandThroughput.writeUnitsPerSecond is 1.5/,
  ],
  [
    { warmThroughput: { readUnitsPerSecond: 11_999 } },
    /^ {2}warmThroughput.readUnitsPerSecond is 11999; .* from 12000/,
  ],
  [
    { warmThroughput: { writeUnitsPerSecond: 3_999 } },
    /^ {2}warmThroughput.writeUnitsPerSecond is 3999; .* from 4000/,
  ],
  [{ functions: { poll: {} } }, /^ {2}functions.poll is no function; legal is "topics", "produce"/],
  [
    { functions: { produce: { memorySize: 255 } } },
    /^ {2}functions.produce.memorySize is 255; .* from 256 to 10240/,
  ],
  [
    { functions: { maintain: { memorySize: 10_241 } } },
    /^ {2}functions.maintain.memorySize is 10241/,
  ],
  [{ functions: { fetch: { memorySize: 512.5 } } }, /^ {2}functions.fetch.memorySize is 512.5/],
  [
    { functions: { commit: { timeout: Duration.seconds(30) } } },
    /^ {2}functions.commit.timeout is 30 seconds; .* from 11 .* to 29/,
  ],
  [
    { functions: { produce: { timeout: Duration.seconds(12) } } },
    /^ {2}functions.produce.timeout is 12 seconds; .* from 13 .* to 29/,
  ],
  [
    { functions: { fetch: { timeout: Duration.seconds(5) } }, maxFetchWait: Duration.seconds(5) },
    /^ {2}functions.fetch.timeout is 5 seconds; .* from 6 .* to 29/,
  ],
  [
    { functions: { maintain: { timeout: Duration.minutes(16) } } },
    /^ {2}functions.maintain.timeout is 16 minutes; .* from 1 .* to 900/,
  ],
  [
    { functions: { topics: { timeout: Duration.millis(15_500) } } },
    /^ {2}functions.topics.timeout is 15 seconds 500 millis; legal are whole seconds/,
  ],
  [
    { functions: { fetch: { reservedConcurrency: 0 } } },
    /^ {2}functions.fetch.reservedConcurrency is 0; .* from 1/,
  ],
  [{ maxFetchWait: Duration.seconds(21) }, /^ {2}maxFetchWait is 21 seconds; .* from 0 to 20000/],
  [{ logLevel: 'warn' }, /^ {2}logLevel is "warn"; legal is "DEBUG", "INFO", "WARN", "ERROR"$/],
  [{ logRetention: 8 }, /^ {2}logRetention is 8; legal are the values of RetentionDays$/],
  [{ vpcSubnets: {} }, /^ {2}vpcSubnets is set; it needs vpc$/],
  [{ securityGroups: [] }, /^ {2}securityGroups is set; it needs vpc$/],
  [{ gatewayEndpoints: false }, /^ {2}gatewayEndpoints is set; it needs vpc$/],
  [{ throttle: { rateLimit: 0 } }, /^ {2}throttle.rateLimit is 0; .* above 0$/],
  [{ throttle: { burstLimit: 0.5 } }, /^ {2}throttle.burstLimit is 0.5; .* from 1$/],
  [{ monitoring: 'all' }, /^ {2}monitoring is "all"; legal is "none", "alarms", "full"$/],
  [
    { monitoring: 'none', alarmActions: [action] },
    /^ {2}alarmActions are set; with monitoring "none" there is no alarm/,
  ],
  [
    { metricTopics: ['a b'] },
    /^ {2}metricTopics\[0\] is "a b"; The topic name "a b" has a character/,
  ],
  [{ metricTopics: ['a', 'a'] }, /^ {2}metricTopics\[1\] is "a"; it must be there once$/],
  [
    { metricTopics: Array.from({ length: 13 }, (_, n) => `${n}`.padEnd(249, 'x')) },
    /^ {2}metricTopics has 3249 characters in all; legal are 3000/,
  ],
];

describe('a prop that cannot work', () => {
  it.each(BAD)('%j is refused', (props, line) => {
    const [head, ...lines] = refusalOf(props);
    expect(head).toBe('The log Stratalog/Log cannot work with 1 setting:');
    expect(lines).toEqual([expect.stringMatching(line)]);
  });

  it('is told with all others', () => {
    const all = Object.assign({}, ...BAD.map(([props]) => props));
    const [head, ...lines] = refusalOf(all);
    expect(head).toBe(`The log Stratalog/Log cannot work with ${lines.length} settings:`);
    const named = new Set(lines.map((line) => /^ {2}(\w+)/.exec(line)?.[1]));
    // Two of the values are bad only with what goes with them.
    const told = Object.keys(all).filter((name) => !['monitoring', 'removalPolicy'].includes(name));
    expect([...named].sort()).toEqual(told.sort());
  });
});

describe('what can work', () => {
  it.each<[string, StratalogProps]>([
    [
      'the least',
      {
        recoveryWindow: Duration.days(1),
        maxOnDemandThroughput: { readUnitsPerSecond: 1, writeUnitsPerSecond: 1 },
        warmThroughput: { readUnitsPerSecond: 12_000, writeUnitsPerSecond: 4_000 },
        functions: {
          produce: { memorySize: 256, timeout: Duration.seconds(13), reservedConcurrency: 1 },
          maintain: { memorySize: 128, timeout: Duration.seconds(1) },
        },
        maxFetchWait: Duration.millis(0),
        throttle: { rateLimit: 0.5, burstLimit: 1 },
      },
    ],
    [
      'the most',
      {
        logName: `${'x'.repeat(125)}: ~`,
        recoveryWindow: Duration.days(35),
        functions: {
          produce: { memorySize: 10_240, timeout: Duration.seconds(29) },
          maintain: { timeout: Duration.minutes(15) },
        },
        maxFetchWait: Duration.seconds(20),
        metricTopics: Array.from({ length: 12 }, (_, n) => `${n}`.padEnd(249, 'x')),
      },
    ],
    [
      'what is known at deployment only',
      {
        recoveryWindow: Duration.millis(7 * DAY_MS),
        functions: { produce: { memorySize: Lazy.number({ produce: () => 1024 }) } },
        throttle: { rateLimit: Lazy.number({ produce: () => 10 }) },
      },
    ],
  ])('%s is taken', (_what, props) => {
    expect(refusalOf(props)).toEqual([]);
  });
});

describe('a second log in a stack', () => {
  const second = (id: string, props: StratalogProps = {}): (() => Stratalog) => {
    const stack = new Stack(newApp(), 'Stratalog');
    new Stratalog(stack, 'Log', { logName: 'orders' });
    return () => new Stratalog(stack, id, props);
  };

  it('has a name of its own', () => {
    expect(second('More')).not.toThrow();
    expect(second('More', { logName: 'orders' })).toThrow(
      'logName is "orders"; the log Stratalog/Log of this stack is called so, too',
    );
  });

  it('has outputs of its own', () => {
    expect(second('L-o-g')).toThrow(
      'the id is "L-o-g"; the outputs of Stratalog/Log would have the same names',
    );
    expect(second('--')).toThrow('the id is "--"; its outputs are named by its letters and digits');
  });
});
