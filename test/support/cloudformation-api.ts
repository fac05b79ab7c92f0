/** CloudFormation's DescribeStacks on loopback, for stacks that are only their outputs. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { arrivedOf, KEY, SECRET } from './iam-gateway.ts';
import { verified } from './sigv4.ts';

/** Outputs by key, without any of a stack whose creation failed; a string: the code of the error that asking for it brings. */
export type Stacks = Readonly<Record<string, Readonly<Record<string, string>> | string>>;

export interface CloudFormationApi {
  readonly url: string;
  /** Requests so far. */
  readonly asked: () => number;
  close(): Promise<void>;
}

const xml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const described = (name: string, outputs: Readonly<Record<string, string>>): string => {
  const members = Object.entries(outputs).map(
    ([key, value]) =>
      `<member><OutputKey>${key}</OutputKey><OutputValue>${xml(value)}</OutputValue></member>`,
  );
  return `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member><StackName>${xml(name)}</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>${members.length === 0 ? 'ROLLBACK_COMPLETE' : 'CREATE_COMPLETE'}</StackStatus><Outputs>${members.join('')}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
};

const errorXml = (code: string, message: string): string =>
  `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${xml(message)}</Message></Error><RequestId>1</RequestId></ErrorResponse>`;

/** Listens on loopback, for signatures of `region`. */
export const startCloudFormation = async (
  region: string,
  stacks: () => Stacks,
): Promise<CloudFormationApi> => {
  let asked = 0;
  const server = createServer(async (request, response) => {
    const arrived = await arrivedOf(request);
    asked += 1;
    const answer = (status: number, body: string) => {
      response.writeHead(status, { 'content-type': 'text/xml' });
      response.end(body);
    };
    const keys = { [KEY]: { secretAccessKey: SECRET } };
    const scope = { region, service: 'cloudformation' };
    const { refusal } = verified(arrived, keys, scope, systemRuntime.now());
    if (refusal !== undefined) return answer(403, errorXml('InvalidClientTokenId', refusal));
    const name = new URLSearchParams(Buffer.from(arrived.body).toString()).get('StackName') ?? '';
    const stack = stacks()[name];
    if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(name)) {
      const failed = `Value '${name}' at 'stackName' failed to satisfy constraint`;
      return answer(400, errorXml('ValidationError', `1 validation error detected: ${failed}`));
    }
    if (stack === undefined) {
      return answer(400, errorXml('ValidationError', `Stack with id ${name} does not exist`));
    }
    if (typeof stack === 'string') return answer(403, errorXml(stack, `Told to say ${stack}.`));
    return answer(200, described(name, stack));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked: () => asked,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};
