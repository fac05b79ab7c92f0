/**
 * LocalStack without Docker: its S3, and its front of DynamoDB Local, in one Python process.
 *
 * Installed once into a virtual environment of Python 3.13, the only one that it runs in. It would
 * download Java and DynamoDB Local by itself; it finds ours where it would have put them:
 *
 *   <scratch>/engine                        ──► the directory of dynamodb-local.ts, with its Loopback
 *   <scratch>/var/lib/localstack/lib/
 *   ├── java/21                             ──► the Java that there is
 *   └── dynamodb-local/2/
 *       ├── DynamoDBLocal.jar                   nothing but a manifest: class path and main class
 *       ├── DynamoDBLocal_lib               ──► native libraries
 *       └── ddb-local-loader-0.1.jar            in place of their agent, one that ends Java in time
 */
import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { copyFile, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installedEngine } from './cache.ts';
import { installedDynamoDbLocal } from './dynamodb-local.ts';
import { awaitAnswer, freePort, startGuarded } from './guarded.ts';
import { makeVirtualEnvironment, pythonOf } from './python.ts';

const run = promisify(execFile);

const VERSION = '2026.3.0';
const PACKAGES = [
  `localstack-core[runtime]==${VERSION}`,
  // Newer ones do not go together with it.
  'cryptography==45.0.7',
  'pyopenssl==25.1.0',
  'service_identity==24.2.0',
  'cbor2==5.8.0',
];

/** LocalStack starts Java in a session of its own, where killing LocalStack's would not reach it. */
const AGENT = `public class EndWithParent {
  public static void premain(String arguments) {
    ProcessHandle parent = ProcessHandle.current().parent().orElseThrow();
    parent.onExit().thenRun(() -> Runtime.getRuntime().halt(0));
  }
}
`;

/** Lines of a manifest hold 72 bytes; what follows is indented by one. */
const manifestLine = (text: string): string => `${text.replace(/(.{70})/g, '$1\n ')}\n`;

const install = async (directory: string): Promise<void> => {
  await makeVirtualEnvironment(directory, PACKAGES, { minor: 13 });
  await writeFile(join(directory, 'EndWithParent.java'), AGENT);
  await run('javac', ['EndWithParent.java'], { cwd: directory });
  await writeFile(join(directory, 'agent.mf'), 'Premain-Class: EndWithParent\n');
  await run('jar', ['cfm', 'agent.jar', 'agent.mf', 'EndWithParent.class'], { cwd: directory });
  const jars = (await readdir(join(await installedDynamoDbLocal(), 'lib'))).filter((name) =>
    name.endsWith('.jar'),
  );
  // By way of the links, so that the cache may move.
  const classPath = ['./', ...jars.map((jar) => `lib/${jar}`)].map(
    (path) => `../../../../../../engine/${path}`,
  );
  const manifest = ['Main-Class: Loopback', `Class-Path: ${classPath.join(' ')}`];
  await writeFile(join(directory, 'main.mf'), manifest.map(manifestLine).join(''));
  await run('jar', ['cfm', 'main.jar', 'main.mf'], { cwd: directory });
};

/** Where the Java on the PATH lives. */
const javaHome = async (): Promise<string> => {
  const { stderr } = await run('java', ['-XshowSettings:properties', '-version']);
  const home = /^\s*java\.home = (.+)$/m.exec(stderr)?.[1];
  if (home === undefined) throw new Error(`java does not tell where it lives:\n${stderr}`);
  return home;
};

/** What `FILESYSTEM_ROOT` is to be. */
const layOut = async (scratch: string, installation: string): Promise<void> => {
  const lib = join(scratch, 'var/lib/localstack/lib');
  const dynamoDb = join(lib, 'dynamodb-local/2');
  const engine = await installedDynamoDbLocal();
  await mkdir(join(lib, 'java'), { recursive: true });
  await mkdir(dynamoDb, { recursive: true });
  await symlink(engine, join(scratch, 'engine'));
  await symlink(await javaHome(), join(lib, 'java/21'));
  await symlink(join(engine, 'lib'), join(dynamoDb, 'DynamoDBLocal_lib'));
  await copyFile(join(installation, 'main.jar'), join(dynamoDb, 'DynamoDBLocal.jar'));
  await copyFile(join(installation, 'agent.jar'), join(dynamoDb, 'ddb-local-loader-0.1.jar'));
};

const LIST_TABLES = {
  method: 'POST',
  headers: {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': 'DynamoDB_20120810.ListTables',
  },
  body: '{}',
};

/** The name of a service in a signature, which nobody checks, leads to it. */
const LIST_BUCKETS = {
  headers: {
    authorization:
      'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0',
  },
};

export interface Localstack {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** Starts one that knows nothing yet; any credentials will do. */
export const startLocalstack = async (): Promise<Localstack> => {
  const installation = await installedEngine(`localstack-${VERSION}`, install);
  const scratch = mkdtempSync(join(tmpdir(), 'stratalog-localstack-'));
  await layOut(scratch, installation);
  const address = `127.0.0.1:${await freePort()}`;
  const endpoint = `http://${address}`;
  const server = startGuarded([pythonOf(installation), '-m', 'localstack.runtime.main'], {
    logFile: join(scratch, 'localstack.log'),
    scratch,
    directory: scratch,
    environment: {
      PATH: process.env.PATH ?? '',
      HOME: scratch,
      TMPDIR: scratch,
      FILESYSTEM_ROOT: scratch,
      GATEWAY_LISTEN: address,
      GATEWAY_SERVER: 'hypercorn',
      OVERRIDE_IN_DOCKER: '0',
      DNS_ADDRESS: '0',
      DYNAMODB_IN_MEMORY: '1',
      // It asks nobody outside, and tells nobody.
      SKIP_SSL_CERT_DOWNLOAD: '1',
      DISABLE_EVENTS: '1',
    },
  });
  try {
    // Whoever asks for a service first starts it, and waits: Java takes its time.
    await awaitAnswer(server, 'LocalStack', async () => (await fetch(endpoint, LIST_TABLES)).ok);
    await awaitAnswer(server, 'LocalStack', async () => (await fetch(endpoint, LIST_BUCKETS)).ok);
  } catch (error) {
    await server.kill();
    throw error;
  }
  return { endpoint, close: server.kill };
};
