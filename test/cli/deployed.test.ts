/**
 * The CLI and a service in AWS: found by its stack, reached by signed HTTP or by Lambda Invoke, and what
 * it says when that does not work. CloudFormation, Lambda and the gateway are on loopback, and check signatures.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OUTPUT_KEYS } from '../../infra/names.ts';
import { NEEDED_OUTPUTS } from '../../lib/client/aws/stack.ts';
import { type LocalStack, startLocal } from '../../lib/local/start.ts';
import { systemRuntime } from '../../lib/model/runtime.ts';
import {
  type CloudFormationApi,
  type Stacks,
  startCloudFormation,
} from '../support/cloudformation-api.ts';
import { type IamGateway, KEY, SECRET, startIamGateway } from '../support/iam-gateway.ts';
import { FUNCTIONS, type LambdaApi, startLambdaApi } from '../support/lambda-api.ts';
import { type Ended, ended, runCli } from './process.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const REGION = 'eu-central-1';

let service: LocalStack;
let gateway: IamGateway;
let lambda: LambdaApi;
let cloudFormation: CloudFormationApi;
let home: string;

const outputsOf = (prefix: string): Record<string, string> => ({
  [`${prefix}ApiEndpoint`]: gateway.url,
  [`${prefix}TopicsFunction`]: FUNCTIONS.topics,
  [`${prefix}ProduceFunction`]: FUNCTIONS.produce,
  [`${prefix}FetchFunction`]: FUNCTIONS.fetch,
  [`${prefix}CommitFunction`]: FUNCTIONS.commit,
  Other: 'of no interest',
});

const stacks = (): Stacks => ({
  Shop: outputsOf('Log'),
  Two: { ...outputsOf('Orders'), ...outputsOf('Audit'), WebApiEndpoint: 'https://example.com' },
  Website: { SiteApiEndpoint: 'https://example.com' },
  Failed: {},
  Old: { LogApiEndpoint: gateway.url, LogTopicsFunction: 'x' },
  Secret: 'AccessDenied',
  Late: 'ExpiredToken',
});

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'stratalog-home-'));
  mkdirSync(join(home, '.aws', 'sso', 'cache'), { recursive: true });
  const config = [
    `[profile shop]\nregion = ${REGION}\naws_access_key_id = ${KEY}\naws_secret_access_key = ${SECRET}`,
    `[profile elsewhere]\nregion = us-east-2\naws_access_key_id = ${KEY}\naws_secret_access_key = ${SECRET}`,
    '[profile unregional]\noutput = json',
    `[profile sso]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = r\nregion = ${REGION}`,
    '[sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://corp.awsapps.com/start',
  ];
  writeFileSync(join(home, '.aws', 'config'), config.join('\n'));
  service = await startLocal({ httpPort: 0 });
  gateway = await startIamGateway({
    now: systemRuntime.now,
    service: () => service.url,
    allows: (_key, resource) => !resource.includes('/topics/private'),
  });
  lambda = await startLambdaApi(REGION);
  cloudFormation = await startCloudFormation(REGION, stacks);
});
afterAll(async () => {
  await cloudFormation.close();
  await lambda.close();
  await gateway.close();
  await service.close();
  rmSync(home, { recursive: true });
});

/** Nothing of this machine's own: its variables, its files, its place in a cloud. */
const bare = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(
    Object.keys(process.env)
      .filter((name) => name.startsWith('AWS_') || name.startsWith('STRATALOG_'))
      .map((name) => [name, undefined]),
  ),
  HOME: home,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_ENDPOINT_URL_CLOUDFORMATION: cloudFormation.url,
  AWS_ENDPOINT_URL_LAMBDA: lambda.url,
  STRATALOG_ENDPOINT: undefined,
});
const keys = { AWS_ACCESS_KEY_ID: KEY, AWS_SECRET_ACCESS_KEY: SECRET };
const withKeys = () => ({ ...bare(), ...keys, AWS_REGION: REGION });

const cli = (args: string, env: NodeJS.ProcessEnv = withKeys(), input = ''): Promise<Ended> =>
  runCli(args.split(' '), undefined, input, env);

describe.each([
  ['signed HTTP', '--stack Shop'],
  ['Lambda Invoke', '--stack Shop --invoke'],
  ['the prefix of one of two logs', '--stack Two/Audit'],
])('a service found by its stack, by %s', (what, where) => {
  const topic = what.replaceAll(/\W/g, '');

  it('is written to and read from', async () => {
    expect(await cli(`topics create ${topic} --partitions 2 ${where}`)).toMatchObject({
      code: 0,
      err: '',
    });
    const written = await cli(`produce ${topic} ${where}`, withKeys(), 'one\ntwo\nthree\n');
    expect(written).toMatchObject({ code: 0, err: '' });
    const read = await cli(`consume ${topic} ${where}`);
    expect(read.out.trim().split('\n').sort()).toEqual(['one', 'three', 'two']);
    expect((await cli(`topics describe ${topic} ${where} --json`)).code).toBe(0);
    expect((await cli(`topics describe no-${topic} ${where}`)).code).toBe(3);
  });
});

it('looks a stack up once a command, and says where the service is', async () => {
  const before = cloudFormation.asked();
  const { out } = await cli('cluster --stack Shop');
  expect(out).toContain(gateway.url);
  expect(cloudFormation.asked()).toBe(before + 1);
  const byInvoke = await cli('cluster --stack Shop --invoke');
  expect(byInvoke.out).toContain('https://lambda.eu-central-1.amazonaws.com');
});

it('asks for outputs that the construct writes', () => {
  expect(OUTPUT_KEYS).toEqual(expect.arrayContaining([...NEEDED_OUTPUTS]));
});

describe('which service is meant', () => {
  it.each([
    ['the variable for a stack', 'topics list', { STRATALOG_STACK: 'Shop' }],
    [
      'a stack before the variable for an endpoint',
      'topics list --stack Shop',
      { STRATALOG_ENDPOINT: 'http://127.0.0.1:1' },
    ],
    [
      'a profile, its region and its keys, before the keys in the environment',
      'topics list --stack Shop --profile shop',
      { AWS_REGION: undefined, AWS_ACCESS_KEY_ID: 'AKIAOTHER' },
    ],
    [
      'the variable for a profile',
      'topics list --stack Shop',
      { AWS_PROFILE: 'shop', AWS_REGION: undefined, AWS_ACCESS_KEY_ID: undefined },
    ],
    [
      'a region before that of the profile',
      `topics list --stack Shop --profile elsewhere --region ${REGION}`,
      { AWS_REGION: undefined, AWS_ACCESS_KEY_ID: undefined },
    ],
  ])('is told by %s', async (_what, args, env) => {
    expect(await cli(args, { ...withKeys(), ...env })).toMatchObject({ code: 0, err: '' });
  });

  it('is an endpoint before the variable for a stack; of this machine it is not signed', async () => {
    const env = { ...bare(), STRATALOG_STACK: 'Shop' };
    const local = await cli(`topics list --endpoint ${service.url} --profile nobody`, env);
    expect(local).toMatchObject({ code: 0, err: '' });
  });

  it.each([
    [
      'topics list --endpoint http://x --stack Shop',
      {},
      /--endpoint and --stack exclude each other/,
    ],
    [
      'topics list',
      { STRATALOG_STACK: 'Shop', STRATALOG_ENDPOINT: 'http://x' },
      /STRATALOG_ENDPOINT and STRATALOG_STACK exclude each other/,
    ],
    ['topics list --invoke', {}, /--invoke goes with --stack/],
    ['topics list --profile shop', {}, /--region and --profile go with --stack or --endpoint/],
  ])('is not both: %s %o', async (args, env, message) => {
    const { code, err } = await cli(args, { ...withKeys(), ...env });
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });
});

describe('what is wrong', () => {
  it.each<[string, string, number, RegExp, NodeJS.ProcessEnv?]>([
    [
      'a stack that is not there',
      '--stack Shoppe',
      2,
      /no stack Shoppe in eu-central-1 of this account\. Name another one, or another region or account \(--region, --profile\)/,
    ],
    [
      'a stack without a log',
      '--stack Website',
      2,
      /Website has no outputs …ApiEndpoint, …TopicsFunction.* CREATE_COMPLETE: name the stack/,
    ],
    [
      'a stack whose deployment failed',
      '--stack Failed',
      2,
      /no log in it\. It is ROLLBACK_COMPLETE: see in CloudFormation/,
    ],
    [
      'what names no stack',
      '--stack my_stack',
      2,
      /takes "my_stack" for no name of a stack: 1 val/,
    ],
    [
      'several logs',
      '--stack Two',
      2,
      /Two has several logs: name one of Orders, Audit, as in --stack Two\/Orders/,
    ],
    [
      'a log that is not there',
      '--stack Two/Invoices',
      2,
      /Two has no log "Invoices"; it has Orders, Audit/,
    ],
    [
      'a stack of another version',
      '--stack Old',
      2,
      /Old lacks the outputs LogProduceFunction, LogFetchFunction, LogCommitFunction/,
    ],
    [
      'a stack that may not be looked at',
      '--stack Secret',
      8,
      /cloudformation:DescribeStacks; --endpoint needs no look/,
    ],
    [
      'credentials that are over',
      '--stack Late',
      8,
      /\(Told to say ExpiredToken\)\. Renew.*aws sso login/,
    ],
    [
      'a key that AWS does not know',
      '--stack Shop',
      8,
      /does not accept the credentials .* `aws sso login`/,
      { AWS_ACCESS_KEY_ID: 'AKIAUNKNOWN' },
    ],
    [
      'no region',
      '--stack Shop',
      2,
      /No AWS region is given: name one \(--region, AWS_REGION\)/,
      { AWS_REGION: undefined },
    ],
    [
      'a profile without a region',
      '--stack Shop --profile unregional',
      2,
      /No AWS region/,
      { AWS_REGION: undefined },
    ],
    [
      'a profile that is not there',
      '--stack Shop --profile shopp',
      2,
      /no profile "shopp"; there are shop, elsewhere, unregional, sso\. .*--profile, AWS_PROFILE/,
    ],
    [
      'a profile of the environment that is not there',
      '--stack Shop',
      2,
      /no profile "gone"/,
      { AWS_PROFILE: 'gone' },
    ],
    [
      'no credentials',
      '--stack Shop',
      8,
      /There are no AWS credentials: run `aws sso login`/,
      { AWS_ACCESS_KEY_ID: undefined },
    ],
    [
      'a sign-on that is over',
      '--stack Shop --profile sso',
      8,
      /aws sso login/,
      { AWS_ACCESS_KEY_ID: undefined },
    ],
  ])('is told of %s', async (_what, where, code, message, env = {}) => {
    const told = await cli(`topics list ${where}`, { ...withKeys(), ...env });
    expect(told).toMatchObject({ code, out: '' });
    expect(told.err).toMatch(message);
    expect(told.err.trimEnd().split('\n')).toHaveLength(1);
  });

  it('is told of a region in which there is no CloudFormation', async () => {
    const env = { ...withKeys(), AWS_ENDPOINT_URL_CLOUDFORMATION: 'http://127.0.0.1:64997' };
    const { code, err } = await cli('topics list --stack Shop --region eu-centrall-1', env);
    expect(code).toBe(6);
    expect(err).toMatch(/CloudFormation in eu-centrall-1 cannot be reached/);
  });
});

describe('an endpoint', () => {
  /** This machine by a name that does not say so. */
  const elsewhere = (url: string): string => url.replace('127.0.0.1', '0.0.0.0');

  it('that wants signatures says so to who does not sign', async () => {
    const { code, err } = await cli(`topics list --endpoint ${elsewhere(gateway.url)}`);
    expect(code).toBe(8);
    expect(err).toMatch(
      /answered 403: Forbidden\. .*--region or --profile.*execute-api:Invoke on …\/GET\/topics\.$/m,
    );
  });

  it('is signed for when the region or the profile is given', async () => {
    const endpoint = elsewhere(gateway.url);
    expect((await cli(`topics list --endpoint ${endpoint} --region ${REGION}`)).code).toBe(0);
    const byProfile = { ...bare() };
    expect((await cli(`topics list --endpoint ${endpoint} --profile shop`, byProfile)).code).toBe(
      0,
    );
    const wrong = await cli(`topics list --endpoint ${endpoint} --region us-east-1`);
    expect(wrong.code).toBe(8);
    expect(wrong.err).toMatch(/was signed by AKIDEXAMPLE for execute-api in us-east-1\./);
  });

  it('tells which permission a topic lacks, and that nothing happened', async () => {
    const denied = await cli('produce private --stack Shop --json', withKeys(), 'x\n');
    expect(denied.code).toBe(8);
    expect(JSON.parse(denied.err)).toMatchObject({
      code: 'TOPIC_AUTHORIZATION_FAILED',
      retriable: false,
      effect: 'none',
      message: expect.stringMatching(/needs execute-api:Invoke on …\/GET\/topics\/private,/),
      context: { signedAs: `${KEY} for execute-api in ${REGION}` },
    });
    const deleting = await cli('topics delete private --stack Shop');
    expect(deleting.err).toMatch(/…\/DELETE\/topics\/private/);
    expect(deleting.err).not.toMatch(/not known whether/);
  });

  it.each([
    [
      'another API',
      404,
      'application/json',
      '{"message":"Not Found"}',
      /Nothing of Stratalog is there: check the endpoint, with its stage/,
      2,
    ],
    [
      'a website',
      404,
      'text/html',
      '<!DOCTYPE html><h1>404</h1>',
      /a web page; the endpoint may be that of something else/,
      2,
    ],
    [
      'a bucket',
      403,
      'application/xml',
      '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
      /403/,
      8,
    ],
    ['something that answers all with a page', 200, 'text/html', '<html>', /a web page/, 1],
  ])('that is %s is told to be none', async (_what, status, type, body, message, code) => {
    const server = createServer((_request, response) => {
      response.writeHead(status, { 'content-type': type }).end(body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const told = await cli(`topics list --endpoint http://127.0.0.1:${port}`);
    server.close();
    expect(told.err).toMatch(message);
    expect(told.code).toBe(code);
  });
});

it('loads nothing of AWS for a service on this machine', async () => {
  const loaded = async (path: string): Promise<number> => {
    const program = `
      import module from 'node:module';
      await import('./${path}');
      console.log(Object.keys(module._cache).filter((path) => /@(aws-sdk|smithy)/.test(path)).length);`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: ROOT,
    });
    return Number((await ended(child)).out);
  };
  expect(await loaded('lib/cli/program.ts')).toBe(0);
  expect(await loaded('lib/client/aws/signed-fetch.ts')).toBeGreaterThan(0);
});
