/** CloudWatch Logs, in the three calls that the tests have for it: no client of the SDK's is needed for that. */
import { regionOf } from '../../lib/client/aws/credentials.ts';
import { signedFetch } from '../../lib/client/aws/index.ts';

const call = async (operation: string, body: object): Promise<unknown> => {
  const endpoint =
    process.env.AWS_ENDPOINT_URL ?? `https://logs.${await regionOf({})}.amazonaws.com`;
  const response = await signedFetch({ service: 'logs' })(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `Logs_20140328.${operation}`,
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${operation}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
};

export const hasLogGroup = async (logGroupName: string): Promise<boolean> => {
  const query = { logGroupNamePrefix: logGroupName };
  const { logGroups } = (await call('DescribeLogGroups', query)) as {
    readonly logGroups: readonly { readonly logGroupName: string }[];
  };
  return logGroups.some((group) => group.logGroupName === logGroupName);
};

export const deleteLogGroup = (logGroupName: string): Promise<unknown> =>
  call('DeleteLogGroup', { logGroupName });

/** Lines with this text in them. */
export const linesWith = async (logGroupName: string, text: string): Promise<readonly string[]> => {
  const { events } = (await call('FilterLogEvents', {
    logGroupName,
    filterPattern: JSON.stringify(text),
  })) as { readonly events: readonly { readonly message: string }[] };
  return events.map(({ message }) => message).filter((message) => message.includes(text));
};
