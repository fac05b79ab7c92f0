/** Topics as constructs, and the log of another stack: what they become, and what is refused at synth. */
import { CfnOutput, Duration, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { FUNCTION_NAMES, type LogFunction, idOf as nameOf } from '../../infra/names.ts';
import { Stratalog } from '../../infra/stratalog.ts';
import { Topic } from '../../infra/topic.ts';
import type { TopicProps } from '../../infra/topic-props.ts';
import { newApp } from './synth.ts';
import { idOf, type Json, type Template, templatesOf } from './templates.ts';

const CUSTOM = 'Custom::StratalogTopic';

type Declared = Omit<TopicProps, 'log'>;

/** A topic of an imported log, made. */
const declare = (props: Declared) => {
  const app = newApp();
  const stack = new Stack(app, 'Shop');
  const log = Stratalog.fromStackOutputs(stack, 'Log', { stackName: 'Stratalog' });
  const topic = new Topic(stack, 'Orders', { log, ...props });
  return { app, stack, log, topic };
};

const resourceOf = (template: Template): Json => template.Resources[idOf(template, CUSTOM)]!;

const synthesized = (props: Declared): Json => resourceOf(templatesOf(declare(props).app).Shop!);

describe('a topic', () => {
  it('is a resource that the function of its log makes, and keeps', () => {
    const resource = synthesized({ name: 'orders' });
    expect(resource.Properties).toEqual({
      ServiceToken: '<Stratalog:LogTopicResource>',
      ServiceTimeout: '600',
      Name: 'orders',
      Partitions: 1,
      Configs: {},
      Removal: 'retain',
    });
    expect([resource.DeletionPolicy, resource.UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);
  });

  it('is as it is declared', () => {
    const resource = synthesized({
      name: 'orders.v2',
      partitions: 12,
      retention: Duration.days(3),
      configs: { 'max.message.bytes': '65536' },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    expect(resource.Properties).toMatchObject({
      Name: 'orders.v2',
      Partitions: 12,
      Configs: { 'max.message.bytes': '65536', 'retention.ms': '259200000' },
      Removal: 'destroy',
    });
    expect(resource.DeletionPolicy).toBe('Delete');
  });

  it('has a name that says where it is declared, when it is given none', () => {
    const { topic } = declare({});
    expect(topic.topicName).toMatch(/^Shop-?Orders-?[0-9A-F]{8}$/);
  });

  it('is known by the id that it has once it is deployed', () => {
    const { app, stack, topic } = declare({ name: 'orders' });
    stack.exportValue(topic.topicId, { name: 'id' });
    const [output] = Object.values(templatesOf(app).Shop!.Outputs ?? {});
    expect(output?.Value).toMatch(/^<Orders\w+\.TopicId>$/);
  });

  it('may be in another stack than its log', () => {
    const app = newApp();
    const log = new Stratalog(new Stack(app, 'Platform'), 'Log', { monitoring: 'none' });
    new Topic(new Stack(app, 'Shop'), 'Orders', { log, name: 'orders' });
    const { Platform, Shop } = templatesOf(app);
    const maker = idOf(Platform!, 'AWS::Lambda::Function', 'LogTopicResource');
    expect(resourceOf(Shop!).Properties.ServiceToken).toBe(`<${maker}.Arn>`);
  });
});

describe('what no topic can be', () => {
  const later = Lazy.number({ produce: () => 3 });
  const name = 'orders';

  it.each<[string, Declared, RegExp]>([
    ['a name', { name: 'or ders' }, /name is "or ders"; .* has a character other than/],
    ['no name', { name: '' }, /name is ""; .* is empty/],
    [
      'a name that comes later',
      { name: Lazy.string({ produce: () => 'x' }) },
      /name is .*; it must be known at synth/,
    ],
    ['no partition', { name, partitions: 0 }, /partitions is 0; A topic has 1 to 10000 partitions/],
    ['half a partition', { name, partitions: 1.5 }, /partitions is 1\.5/],
    ['too many partitions', { name, partitions: 10_001 }, /partitions is 10001/],
    [
      'partitions that come later',
      { name, partitions: later },
      /partitions is .*; it must be known at synth/,
    ],
    [
      'a config',
      { name, configs: { 'no.such': '1' } },
      /configs\["no\.such"\] is "1"; There is no topic config/,
    ],
    [
      'a value',
      { name, configs: { 'max.message.bytes': '1' } },
      /"max\.message\.bytes"\] is "1"; .* takes a whole number/,
    ],
    [
      'retention in two ways',
      { name, retention: Duration.days(1), configs: { 'retention.ms': '-1' } },
      /retention is "1 day"; .* leave one of them out/,
    ],
    [
      'a snapshot',
      { name, removalPolicy: RemovalPolicy.SNAPSHOT },
      /removalPolicy is "snapshot"; a topic is kept/,
    ],
  ])('is refused: %s', (_what, props, says) => {
    expect(() => declare(props)).toThrow(says);
  });

  it('is told at once, with where it is', () => {
    const wrong = {
      name: '..',
      partitions: -1,
      configs: { 'no.such': '1', 'retention.ms': 'long' },
    };
    expect(() => declare(wrong)).toThrow(
      /^The topic Shop\/Orders cannot work with 4 settings:\n {2}name .*\n {2}partitions .*\n {2}configs\["no\.such"\] .*\n {2}configs\["retention\.ms"\] .*$/,
    );
  });

  it('is declared twice', () => {
    const { stack, log } = declare({ name });
    expect(() => new Topic(stack, 'Again', { log, name })).toThrow(
      /name is "orders"; Shop\/Orders declares this topic/,
    );
  });

  it('is of another account or region than its log', () => {
    const app = newApp();
    const account = '111111111111';
    const home = new Stack(app, 'Home', { env: { account, region: 'eu-central-1' } });
    const log = new Stratalog(home, 'Log');
    for (const env of [
      { account, region: 'us-east-1' },
      { account: '222222222222', region: 'eu-central-1' },
      { region: 'eu-central-1' },
    ]) {
      const stack = new Stack(app, `In${env.account ?? 'Any'}${env.region}`, { env });
      expect(() => new Topic(stack, 'Orders', { log, name })).toThrow(
        /env is "aws:\/\/.*"; a topic is made where its log is, which is aws:\/\/111111111111\/eu-central-1: declare it/,
      );
    }
    const beside = new Stack(app, 'Beside', { env: { account, region: 'eu-central-1' } });
    expect(() => new Topic(beside, 'Orders', { log, name })).not.toThrow();
  });

  it('is refused where a topic is only named, too', () => {
    const { stack, log } = declare({ name });
    expect(() => Topic.fromTopicName(stack, 'Bad', { log, name: 'a*' })).toThrow(
      /has a character other/,
    );
  });
});

describe('the log of another stack', () => {
  it('is what that stack exports', () => {
    const app = newApp();
    const platform = new Stack(app, 'Platform', { stackName: 'prod-platform' });
    new Stratalog(platform, 'Log', { monitoring: 'none' });
    const shop = new Stack(app, 'Shop');
    const log = Stratalog.fromStackOutputs(shop, 'Log', { stackName: 'prod-platform' });
    const { functions } = log;
    const values = [
      log.apiEndpoint,
      log.apiId,
      ...FUNCTION_NAMES.map((name) => functions[name].functionArn),
    ];
    for (const [index, value] of values.entries()) {
      new CfnOutput(shop, `Output${index}`, { value });
    }
    new Topic(shop, 'Orders', { log, name: 'orders' });
    const { Platform, Shop } = templatesOf(app);
    const api = `<${idOf(Platform!, 'AWS::ApiGatewayV2::Api')}`;
    const fn = (name: LogFunction): string =>
      idOf(Platform!, 'AWS::Lambda::Function', `Log${nameOf(name)}`);
    // Every import finds its export, and so what that stands for.
    expect(Object.values(Shop!.Outputs!).map(({ Value }) => Value)).toEqual([
      `${api}.ApiEndpoint>`,
      `${api}>`,
      ...FUNCTION_NAMES.map((name) =>
        name === 'topic-resource'
          ? `<${fn(name)}.Arn>`
          : `arn:aws:lambda:eu-central-1:111111111111:function:<${fn(name)}>`,
      ),
    ]);
  });

  it('cannot be of a stack, or at a place, that cannot be', () => {
    const stack = new Stack(newApp(), 'Shop');
    const outputs = { stackName: 'Not/A/Stack', prefix: 'Platform/Log' };
    expect(() => Stratalog.fromStackOutputs(stack, 'Log', outputs)).toThrow(
      /^The log Shop\/Log cannot work with 2 settings:\n {2}stackName is .*\n {2}prefix is .*without slashes/,
    );
  });

  it('is called as it calls itself', () => {
    const app = newApp();
    const platform = new Stack(app, 'Platform', { stackName: 'prod' });
    const made = new Stratalog(platform, 'Events', { monitoring: 'none' });
    const shop = new Stack(app, 'Shop');
    const found = Stratalog.fromStackOutputs(shop, 'Log', { stackName: 'prod', prefix: 'Events' });
    expect(found.logName).toBe(made.logName);
    const named = { stackName: 'prod', logName: 'events' };
    expect(Stratalog.fromStackOutputs(shop, 'Named', named).logName).toBe('events');
  });
});

describe('metrics', () => {
  const stack = new Stack(newApp(), 'Shop');
  const log = new Stratalog(stack, 'Log', { monitoring: 'none', metricTopics: ['orders'] });
  const topic = (name: string) => Topic.fromTopicName(stack, name, { log, name });

  it.each([
    [log.metricMessagesIn(), 'MessagesIn', 'produce'],
    [log.metricBytesIn(), 'BytesIn', 'produce'],
    [log.metricBytesOut(), 'BytesOut', 'fetch'],
    [log.metricFailedProduceRequests(), 'FailedProduceRequests', 'produce'],
    [log.metricFailedFetchRequests(), 'FailedFetchRequests', 'fetch'],
    [log.metricThrottledRequests('produce'), 'ThrottledRequests', 'produce'],
    [log.metricThrottledRequests('fetch'), 'ThrottledRequests', 'fetch'],
    [log.metricOffsetsCommitted(), 'OffsetsCommitted', 'commit'],
  ])('of a log are those that its functions write: %#', (metric, metricName, by) => {
    expect(metric).toMatchObject({
      namespace: 'Stratalog',
      metricName,
      dimensions: { Log: 'Shop-Log', Function: by },
      statistic: 'Sum',
    });
  });

  it('of a topic are by its name', () => {
    const orders = topic('orders');
    const all = [
      orders.metricMessagesIn(),
      orders.metricBytesIn(),
      orders.metricBytesOut(),
      orders.metricFailedProduceRequests(),
      orders.metricFailedFetchRequests(),
      orders.metricThrottledRequests(),
      orders.metricOffsetsCommitted({ period: Duration.minutes(1), label: 'done' }),
    ];
    for (const metric of all) {
      expect(metric.dimensions).toEqual({ Log: 'Shop-Log', Topic: 'orders' });
    }
    expect(new Set(all.map(({ metricName }) => metricName)).size).toBe(7);
    expect(all.at(-1)).toMatchObject({ label: 'done', period: Duration.minutes(1) });
    Annotations.fromStack(stack).hasNoWarning('/Shop/orders', Match.anyValue());
  });

  it('of a topic that is not counted warn', () => {
    topic('clicks').metricMessagesIn();
    Annotations.fromStack(stack).hasWarning(
      '/Shop/clicks',
      Match.stringLikeRegexp('counts nothing for the topic clicks.*metricTopics'),
    );
  });

  it('of a topic of a log elsewhere cannot know', () => {
    const elsewhere = Stratalog.fromStackOutputs(stack, 'Elsewhere', { stackName: 'Stratalog' });
    Topic.fromTopicName(stack, 'Far', { log: elsewhere, name: 'far' }).metricBytesIn();
    Annotations.fromStack(stack).hasNoWarning('/Shop/Far', Match.anyValue());
  });
});
