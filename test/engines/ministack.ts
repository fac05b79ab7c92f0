/**
 * MiniStack: AWS in one Python process, with Lambdas as child processes that Node runs.
 *
 * It is installed once into a virtual environment, listens on a free port of the loopback interface,
 * and ends with the test process. Each one is a region of its own, and forgets everything.
 */
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { installedEngine } from './cache.ts';
import { awaitAnswer, freePort, startGuarded } from './guarded.ts';
import { makeVirtualEnvironment, pythonOf } from './python.ts';

const VERSION = '1.5.33';
/** Without boto3 it cannot run CDK's handler of bucket notifications; cryptography makes certificates. */
const PACKAGES = [`ministack==${VERSION}`, 'boto3==1.43.106', 'cryptography==50.0.2'];
const LEAST_PYTHON_MINOR = 10;
/** The Node of the project is what Lambdas run in. */
const PROGRAMS = resolve(import.meta.dirname, '../../node_modules/.bin');
const AWS_SDK = resolve(import.meta.dirname, '../../node_modules/@aws-sdk');
const REGION = 'us-east-1';

export interface Ministack {
  /** What `AWS_ENDPOINT_URL` is to be. */
  readonly endpoint: string;
  readonly region: string;
  /** Those of the root user. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /**
   * The whole environment for children that shall see this AWS and no other: that of this process
   * without anything that names an account, a profile or an endpoint, and with what names this one.
   */
  readonly environment: Readonly<Record<string, string>>;
  /** The end of its log. */
  said(): string;
  /** Stops it and the Lambdas, and forgets everything. */
  close(options?: { readonly keepLogAs?: string }): Promise<void>;
}

const run = promisify(execFile);

/** What would lead somewhere else, or to the wrong certificates. */
const LEADS_ELSEWHERE =
  /^(AWS_|NODE_EXTRA_CA_CERTS$|REQUESTS_CA_BUNDLE$|SSL_CERT_FILE$|CURL_CA_BUNDLE$)/;
/** Imported by every Node among the children: its APIs are at `<id>.execute-api.localhost`. */
export const LOCALHOST_NAMES = new URL('./localhost-names.ts', import.meta.url).href;

/** Imported by functions that have no NODE_OPTIONS of their own. */
const ANSWER_PORT = new URL('./answer-port.ts', import.meta.url).href;

const neutralEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined || LEADS_ELSEWHERE.test(name) ? [] : [[name, value]],
    ),
  );

const certificateIn = (scratch: string): string => join(scratch, 'server.crt');

/** What has it enforce IAM. It speaks TLS then, as CDK's bucket refuses anything else. */
const enforcing = async (scratch: string): Promise<Record<string, string>> => {
  const [certificate, key] = [certificateIn(scratch), join(scratch, 'server.key')];
  const make = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj'];
  const names = 'subjectAltName=DNS:localhost,DNS:*.execute-api.localhost,IP:127.0.0.1';
  const to = ['/CN=MiniStack', '-addext', names, '-keyout', key, '-out', certificate];
  await run('openssl', [...make, ...to]).catch((cause: unknown) => {
    throw new Error('TLS needs a certificate, and openssl made none. Is it installed?', { cause });
  });
  return { AUTH: 'true', USE_SSL: '1', MINISTACK_SSL_CERT: certificate, MINISTACK_SSL_KEY: key };
};

/** Whether the server answers, and says that it is well. */
const isHealthy = (endpoint: string, certificate: string): Promise<boolean> =>
  new Promise((done, fail) => {
    const url = `${endpoint}/_ministack/health`;
    const request = endpoint.startsWith('https:')
      ? getHttps(url, { ca: readFileSync(certificate) })
      : getHttp(url);
    request.on('error', fail).on('response', (response) => {
      response.resume();
      done(response.statusCode === 200);
    });
  });

/** @param options.auth IAM is enforced, and therefore TLS spoken */
export const startMinistack = async (
  options: { readonly auth?: boolean } = {},
): Promise<Ministack> => {
  const { auth = false } = options;
  const installation = await installedEngine(`ministack-${VERSION}`, (directory) =>
    makeVirtualEnvironment(directory, PACKAGES, { leastMinor: LEAST_PYTHON_MINOR }),
  );
  const scratch = mkdtempSync(join(tmpdir(), 'stratalog-ministack-'));
  const temporary = join(scratch, 'tmp');
  mkdirSync(temporary);
  // What starts a handler there is CommonJS named `.js`, whatever a package.json further up says.
  writeFileSync(join(temporary, 'package.json'), '{}');
  // Lambda's runtime brings the SDK, and CDK's own handlers count on it.
  mkdirSync(join(temporary, 'node_modules'));
  symlinkSync(AWS_SDK, join(temporary, 'node_modules', '@aws-sdk'));
  const port = await freePort();
  const endpoint = `${auth ? 'https' : 'http'}://127.0.0.1:${port}`;
  const path = [PROGRAMS, process.env.PATH].join(delimiter);
  // The key `test` is root whatever its secret is, so an account that enforces anything needs another.
  const credentials = auth
    ? { accessKeyId: 'AKIAROOTOFMINISTACK0', secretAccessKey: 'the-secret-of-the-root-user' }
    : { accessKeyId: 'test', secretAccessKey: 'test' };
  const keys = {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  const logFile = join(scratch, 'ministack.log');
  const server = startGuarded([pythonOf(installation), '-m', 'ministack'], {
    logFile,
    scratch,
    // Functions inherit it; the state of a debugger or a test runner is none of their business.
    environment: {
      ...keys,
      PATH: path,
      HOME: scratch,
      TMPDIR: temporary,
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      LAMBDA_EXECUTOR: 'local',
      IOT_MTLS_ENABLED: '0',
      SFTP_ENABLED: '0',
      NODE_OPTIONS: `--import=${ANSWER_PORT}`,
      ...(auth ? await enforcing(scratch) : {}),
    },
  });
  const certificate = certificateIn(scratch);
  const forget = () => rm(scratch, { recursive: true, force: true, maxRetries: 5 });
  try {
    await awaitAnswer(server, 'MiniStack', async () => isHealthy(endpoint, certificate));
  } catch (error) {
    await server.kill();
    await forget();
    throw error;
  }

  return {
    endpoint,
    region: REGION,
    credentials,
    environment: {
      ...neutralEnvironment(),
      ...keys,
      PATH: path,
      AWS_REGION: REGION,
      AWS_DEFAULT_REGION: REGION,
      AWS_ENDPOINT_URL: endpoint,
      AWS_ENDPOINT_URL_S3: endpoint,
      // What is in the home directory of a developer leads to real accounts.
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
      // CDK remembers accounts in its home, and asks others what is new.
      CDK_HOME: scratch,
      CDK_DISABLE_VERSION_CHECK: 'true',
      CDK_DISABLE_CLI_TELEMETRY: 'true',
      NODE_OPTIONS: [process.env.NODE_OPTIONS, `--import=${LOCALHOST_NAMES}`].join(' ').trim(),
      ...(auth ? { NODE_EXTRA_CA_CERTS: certificate, AWS_CA_BUNDLE: certificate } : {}),
    },
    said: server.said,
    close: async ({ keepLogAs } = {}) => {
      if (keepLogAs !== undefined) copyFileSync(logFile, keepLogAs);
      await server.kill();
      await forget();
    },
  };
};
