/**
 * DynamoDB Local: AWS's own emulator, in Java. Its expressions and its consumed capacity are DynamoDB's.
 *
 * Maven fetches it once (some 80 files); it lives in memory, listens on the loopback interface only, on a
 * free port, and ends with the test process.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { installedEngine } from './cache.ts';
import { awaitAnswer, freePort, startGuarded } from './guarded.ts';

const run = promisify(execFile);

const VERSION = '3.1.0';
/** It is compiled for this one. */
const LEAST_JAVA = 17;

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>stratalog</groupId><artifactId>dynamodb-local</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>software.amazon.dynamodb</groupId><artifactId>DynamoDBLocal</artifactId><version>${VERSION}</version>
  </dependency></dependencies>
</project>
`;

/** Its own main method listens on every interface, and has no option against that. */
const MAIN = `import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import software.amazon.dynamodb.services.local.main.ServerRunner;
import software.amazon.dynamodb.services.local.server.DynamoDBProxyServer;

public class Loopback {
  public static void main(String[] arguments) throws Exception {
    DynamoDBProxyServer proxy = ServerRunner.createServerFromCommandLineArgs(arguments);
    var server = DynamoDBProxyServer.class.getDeclaredField("server");
    server.setAccessible(true);
    for (Connector one : ((Server) server.get(proxy)).getConnectors()) {
      ((ServerConnector) one).setHost("127.0.0.1");
    }
    proxy.start();
    proxy.join();
  }
}
`;

const requireTools = async (): Promise<void> => {
  for (const tool of ['java', 'javac', 'mvn']) {
    await run(tool, ['-version']).catch((cause: unknown) => {
      throw new Error(
        `DynamoDB Local needs a JDK from ${LEAST_JAVA} on and Maven, and there is no ${tool} on the PATH. Install them, for example with \`apt-get install openjdk-${LEAST_JAVA}-jdk-headless maven\`.`,
        { cause },
      );
    });
  }
};

const install = async (directory: string): Promise<void> => {
  await requireTools();
  await writeFile(join(directory, 'pom.xml'), POM);
  await mkdir(join(directory, 'lib'));
  const arguments_ = ['-q', '-B', 'dependency:copy-dependencies', '-DincludeScope=runtime'];
  await run('mvn', [...arguments_, '-DoutputDirectory=lib'], { cwd: directory });
  await writeFile(join(directory, 'Loopback.java'), MAIN);
  await run('javac', ['-cp', 'lib/*', 'Loopback.java'], { cwd: directory });
};

/** The directory with its jars in `lib`, fetched when they are not there yet. */
export const installedDynamoDbLocal = (): Promise<string> =>
  installedEngine(`dynamodb-local-${VERSION}`, install);

export interface DynamoDbLocal {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** Starts one with no tables; any credentials will do. */
export const startDynamoDbLocal = async (): Promise<DynamoDbLocal> => {
  const directory = await installedDynamoDbLocal();
  const scratch = mkdtempSync(join(tmpdir(), 'stratalog-dynamodb-local-'));
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const jars = [directory, join(directory, 'lib', '*')].join(delimiter);
  const java = ['-Xmx512m', '-XX:+UseSerialGC', `-Djava.library.path=${join(directory, 'lib')}`];
  const options = ['-inMemory', '-sharedDb', '-disableTelemetry', '-port', String(port)];
  const server = startGuarded(['java', ...java, '-cp', jars, 'Loopback', ...options], {
    logFile: join(scratch, 'dynamodb-local.log'),
    scratch,
    directory: scratch,
    environment: { PATH: process.env.PATH ?? '', HOME: scratch },
  });
  try {
    // Unsigned requests are answered with an error of its own.
    await awaitAnswer(server, 'DynamoDB Local', async () => {
      const { status } = await fetch(endpoint);
      return status === 400;
    });
  } catch (error) {
    await server.kill();
    throw error;
  }
  return { endpoint, close: server.kill };
};
