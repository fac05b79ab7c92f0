/** What a log is made of beside its stores: functions, API, schedule, network, outputs. */
import { Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  GatewayVpcEndpointAwsService,
  type IVpc,
  SubnetType,
  Vpc,
  type VpcProps,
} from 'aws-cdk-lib/aws-ec2';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { describe, expect, it } from 'vitest';
import { FUNCTION_NAMES, HTTP_FUNCTIONS, idOf, OUTPUT_KEYS } from '../../infra/names.ts';
import { Stratalog } from '../../infra/stratalog.ts';
import { ROUTES } from '../../lib/http/routes.ts';
import { newApp, synthesize } from './synth.ts';

/** CDK's own class is none of its interfaces to a compiler as strict as ours. */
const newVpc = (stack: Stack, props?: VpcProps): IVpc =>
  new Vpc(stack, 'Vpc', { natGateways: 0, ...props }) as IVpc;

const log = synthesize();
const chosen = synthesize((stack) => ({
  logName: 'orders',
  functions: {
    produce: { memorySize: 1769, timeout: Duration.seconds(20), reservedConcurrency: 50 },
    maintain: { timeout: Duration.minutes(5) },
  },
  maxFetchWait: Duration.seconds(5),
  logLevel: 'DEBUG',
  logRetention: RetentionDays.ONE_WEEK,
  metricTopics: ['orders', 'clicks'],
  throttle: { rateLimit: 50 },
  accessLogs: true,
  tracing: false,
  vpc: newVpc(stack, {
    subnetConfiguration: [{ name: 'isolated', subnetType: SubnetType.PRIVATE_ISOLATED }],
  }),
}));

/** The functions by name. */
const functionsOf = ({ of }: typeof log) => {
  const all = Object.entries(of('AWS::Lambda::Function'));
  return Object.fromEntries(
    FUNCTION_NAMES.map((name) => [
      name,
      all.find(([id]) => new RegExp(`^Log${idOf(name)}[0-9A-F]{8}$`).test(id))![1].Properties,
    ]),
  );
};

describe('the functions', () => {
  const functions = functionsOf(log);

  it('are those that there are', () => {
    expect(log.propertiesOf('AWS::Lambda::Function')).toHaveLength(FUNCTION_NAMES.length);
  });

  it.each(FUNCTION_NAMES)('%s runs as it should', (name) => {
    const isHttp = HTTP_FUNCTIONS.some((http) => http === name);
    expect(functions[name]).toMatchObject({
      Architectures: ['arm64'],
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      MemorySize: isHttp ? 512 : 256,
      Timeout: isHttp ? 29 : 60,
      TracingConfig: { Mode: name === 'maintain' ? 'PassThrough' : 'Active' },
      LoggingConfig: {
        LogFormat: 'JSON',
        ApplicationLogLevel: 'INFO',
        SystemLogLevel: 'WARN',
        LogGroup: { Ref: expect.stringMatching(`^Log${idOf(name)}Logs`) },
      },
      Environment: {
        Variables: {
          STRATALOG_TABLE: { Ref: 'LogTable81E80B89' },
          STRATALOG_BUCKET: { Ref: 'LogBucketD7408CB8' },
          STRATALOG_LOG: 'Stratalog-Log',
          STRATALOG_METRIC_TOPICS: '',
          STRATALOG_MAX_FETCH_WAIT_MS: '1000',
          POWERTOOLS_SERVICE_NAME: 'Stratalog-Log',
          POWERTOOLS_LOG_LEVEL: 'INFO',
        },
      },
    });
    expect(functions[name]).not.toHaveProperty('ReservedConcurrentExecutions');
    expect(functions[name]).not.toHaveProperty('VpcConfig');
  });

  it('have a role each', () => {
    const roles = Object.values(functions).map(({ Role }) => JSON.stringify(Role));
    expect(new Set(roles).size).toBe(FUNCTION_NAMES.length);
  });

  it('have log groups of their own, which forget', () => {
    expect(log.propertiesOf('AWS::Logs::LogGroup')).toEqual(
      FUNCTION_NAMES.map(() => ({ RetentionInDays: 30 })),
    );
    const retentions = chosen.propertiesOf('AWS::Logs::LogGroup');
    expect(retentions).toHaveLength(FUNCTION_NAMES.length + 1);
    for (const { RetentionInDays } of retentions) expect(RetentionInDays).toBe(7);
  });

  it('are as chosen', () => {
    const { produce, maintain, fetch } = functionsOf(chosen);
    expect(produce).toMatchObject({
      MemorySize: 1769,
      Timeout: 20,
      ReservedConcurrentExecutions: 50,
      LoggingConfig: { ApplicationLogLevel: 'DEBUG' },
      Environment: {
        Variables: {
          STRATALOG_LOG: 'orders',
          STRATALOG_METRIC_TOPICS: 'orders,clicks',
          STRATALOG_MAX_FETCH_WAIT_MS: '5000',
          POWERTOOLS_LOG_LEVEL: 'DEBUG',
        },
      },
    });
    expect(maintain).toMatchObject({ MemorySize: 256, Timeout: 300 });
    expect(fetch).toMatchObject({ MemorySize: 512, Timeout: 29 });
  });

  it('take undefined for nothing said', () => {
    const { produce } = functionsOf(
      synthesize({
        functions: { produce: { memorySize: undefined, timeout: undefined }, fetch: undefined },
        throttle: { rateLimit: undefined },
        // What a program may say that is checked less strictly than this one.
      } as object),
    );
    expect(produce).toMatchObject({ MemorySize: 512, Timeout: 29 });
  });
});

describe('the API', () => {
  const routes = log.propertiesOf('AWS::ApiGatewayV2::Route');
  const integrations = log.of('AWS::ApiGatewayV2::Integration');

  it('has every route, and no other', () => {
    const keys = routes.map(({ RouteKey }) => RouteKey);
    expect(keys.toSorted()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).sort());
  });

  it('asks IAM on every route', () => {
    for (const { RouteKey, AuthorizationType } of routes) {
      expect(AuthorizationType, RouteKey).toBe('AWS_IAM');
    }
  });

  it.each(ROUTES)('leads $method $path to $function', ({ method, path, function: name }) => {
    const route = routes.find(({ RouteKey }) => RouteKey === `${method} ${path}`);
    const [, integrationId] = JSON.stringify(route.Target).match(/"Ref":"(\w+)"/)!;
    const { Properties } = integrations[integrationId!]!;
    expect(Properties).toMatchObject({
      IntegrationType: 'AWS_PROXY',
      PayloadFormatVersion: '2.0',
      IntegrationUri: { 'Fn::GetAtt': [expect.stringMatching(`^Log${idOf(name)}`), 'Arn'] },
    });
  });

  it('may call the four functions that serve it, and no other API may', () => {
    const permissions = log.propertiesOf('AWS::Lambda::Permission');
    const called = permissions.map(({ FunctionName }) => FunctionName['Fn::GetAtt'][0]);
    expect(called.map((id) => id.replace(/[0-9A-F]{8}$/, '')).sort()).toEqual(
      HTTP_FUNCTIONS.map((name) => `Log${idOf(name)}`).sort(),
    );
    const { apiId } = log.log.api;
    const { Ref } = log.log.api.stack.resolve(apiId);
    for (const { Principal, Action, SourceArn } of permissions) {
      expect({ Principal, Action }).toEqual({
        Principal: 'apigateway.amazonaws.com',
        Action: 'lambda:InvokeFunction',
      });
      expect(JSON.stringify(SourceArn)).toContain(`:",{"Ref":"${Ref}"},"/*/*/*"`);
    }
  });

  it('is throttled, its stage has no name in the paths, and it writes no lines', () => {
    expect(log.only('AWS::ApiGatewayV2::Stage').Properties).toEqual({
      ApiId: { Ref: expect.any(String) },
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 2000 },
    });
  });

  it('is as chosen', () => {
    const { Properties } = chosen.only('AWS::ApiGatewayV2::Stage');
    expect(Properties.DefaultRouteSettings).toEqual({
      ThrottlingRateLimit: 50,
      ThrottlingBurstLimit: 2000,
    });
    const { Format } = Properties.AccessLogSettings;
    expect(JSON.parse(Format)).toMatchObject({
      caller: '$context.identity.userArn',
      status: '$context.status',
    });
  });
});

describe('the schedule', () => {
  const { Properties: schedule } = log.only('AWS::Scheduler::Schedule');

  it('calls maintain every minute, and leaves what failed to the next minute', () => {
    const Arn = { 'Fn::GetAtt': [expect.stringMatching(/^LogMaintain/), 'Arn'] };
    expect(schedule).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      State: 'ENABLED',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn, RetryPolicy: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 } },
    });
    expect(log.only('AWS::Lambda::EventInvokeConfig').Properties).toMatchObject({
      FunctionName: { Ref: expect.stringMatching(/^LogMaintain/) },
      MaximumEventAgeInSeconds: 60,
      MaximumRetryAttempts: 0,
    });
  });

  it('has a role that may do that, taken by schedules of this account', () => {
    const [roleId] = schedule.Target.RoleArn['Fn::GetAtt'];
    const { Properties: role } = log.of('AWS::IAM::Role')[roleId]!;
    expect(role.AssumeRolePolicyDocument.Statement).toEqual([
      {
        Action: 'sts:AssumeRole',
        Effect: 'Allow',
        Principal: { Service: 'scheduler.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      },
    ]);
    expect(role.Policies.map(({ PolicyDocument }: never) => PolicyDocument)).toEqual([
      expect.objectContaining({
        Statement: [
          {
            Action: 'lambda:InvokeFunction',
            Effect: 'Allow',
            Resource: { 'Fn::GetAtt': [expect.stringMatching(/^LogMaintain/), 'Arn'] },
          },
        ],
      }),
    ]);
    expect(log.propertiesOf('AWS::IAM::Policy')).toEqual([]);
  });
});

describe('traces', () => {
  it('can be left out, and with them the right to send any', () => {
    for (const { TracingConfig } of Object.values(functionsOf(chosen))) {
      expect(TracingConfig).toEqual({ Mode: 'PassThrough' });
    }
    expect(JSON.stringify(log.propertiesOf('AWS::IAM::Role'))).toContain('xray:');
    expect(JSON.stringify(chosen.propertiesOf('AWS::IAM::Role'))).not.toContain('xray:');
  });
});

describe('a network', () => {
  const endpointsOf = ({ propertiesOf }: typeof log): readonly string[] =>
    propertiesOf('AWS::EC2::VPCEndpoint').map(({ VpcEndpointType, ServiceName }) => {
      expect(VpcEndpointType).toBe('Gateway');
      return ServiceName['Fn::Join'][1].at(-1);
    });

  it('gets endpoints for the stores, and holds every function', () => {
    expect(endpointsOf(chosen)).toEqual(['.dynamodb', '.s3']);
    for (const { VpcConfig } of Object.values(functionsOf(chosen))) {
      expect(VpcConfig.SubnetIds).toHaveLength(2);
      expect(VpcConfig.SecurityGroupIds).toHaveLength(1);
    }
  });

  it('has a way out before there is a function, and until the last one is gone', () => {
    const stack = new Stack(newApp(), 'Net');
    const vpc = newVpc(stack);
    vpc.addGatewayEndpoint('TheirS3', { service: GatewayVpcEndpointAwsService.S3 });
    vpc.addGatewayEndpoint('TheirTable', { service: GatewayVpcEndpointAwsService.DYNAMODB });
    new Stratalog(stack, 'Log', { vpc, gatewayEndpoints: false });
    const theirs = Template.fromStack(stack);
    for (const template of [theirs, chosen.template]) {
      const ids = Object.keys(template.findResources('AWS::EC2::VPCEndpoint'));
      expect(ids).toHaveLength(2);
      for (const { DependsOn } of Object.values(template.findResources('AWS::Lambda::Function'))) {
        expect(DependsOn).toEqual(expect.arrayContaining(ids));
      }
    }
  });

  it('must be known with its route tables to get endpoints', () => {
    const imported = (stack: Stack) => ({
      vpc: Vpc.fromVpcAttributes(stack, 'Vpc', {
        vpcId: 'vpc-12345678',
        availabilityZones: ['eu-central-1a'],
        isolatedSubnetIds: ['subnet-12345678'],
      }),
    });
    expect(() => synthesize(imported)).toThrow(
      /ids of its route tables, or say gatewayEndpoints: false/,
    );
    const without = synthesize((stack) => ({ ...imported(stack), gatewayEndpoints: false }));
    expect(endpointsOf(without)).toEqual([]);
  });

  it('can have endpoints already, and two logs', () => {
    const own = synthesize((stack) => ({
      vpc: newVpc(stack),
      gatewayEndpoints: false,
      vpcSubnets: { subnetType: SubnetType.PUBLIC },
    }));
    expect(endpointsOf(own)).toEqual([]);
    const stack = new Stack(newApp(), 'Two');
    const vpc = newVpc(stack, { maxAzs: 2 });
    new Stratalog(stack, 'Orders', { vpc });
    new Stratalog(stack, 'Clicks', { vpc });
    Template.fromStack(stack).resourceCountIs('AWS::EC2::VPCEndpoint', 2);
  });
});

describe('the outputs', () => {
  it('have the agreed names, and are exported', () => {
    expect(Object.keys(log.outputs).sort()).toEqual(OUTPUT_KEYS.map((key) => `Log${key}`).sort());
    for (const [key, { Export }] of Object.entries(log.outputs)) {
      expect(Export.Name).toBe(`Stratalog:${key}`);
    }
  });

  it('are told apart by the path of the construct, as are the names of logs', () => {
    const stack = new Stack(newApp(), 'Shop', { stackName: 'shop-prod' });
    const deep = new Stratalog(new Stack(newApp(), 'Other'), 'my-log');
    expect(deep.logName).toBe('Other-mylog');
    const orders = new Stratalog(stack, 'Orders');
    const clicks = new Stratalog(stack, 'Clicks');
    expect([orders.logName, clicks.logName]).toEqual(['shop-prod-Orders', 'shop-prod-Clicks']);
    const { Outputs } = Template.fromStack(stack).toJSON();
    expect(Object.keys(Outputs)).toHaveLength(2 * OUTPUT_KEYS.length);
    expect(Outputs.OrdersApiEndpoint.Export.Name).toBe('shop-prod:OrdersApiEndpoint');
  });
});
