/**
 * What a reader with an account of AWS has: credentials in the environment, and a stack `Stratalog` whose
 * API asks for signatures. CloudFormation and the API are stand-ins; the service behind them is the local one.
 */
import { systemRuntime } from '../../lib/model/runtime.ts';
import { startCloudFormation } from '../support/cloudformation-api.ts';
import { KEY, SECRET, startIamGateway } from '../support/iam-gateway.ts';

const REGION = 'eu-central-1';

export interface Account {
  readonly environment: NodeJS.ProcessEnv;
  close(): Promise<void>;
}

/** @param url of the local service */
export const openAccount = async (url: string): Promise<Account> => {
  const gateway = await startIamGateway({ now: systemRuntime.now, service: () => url });
  const outputs = {
    LogApiEndpoint: gateway.url,
    LogTopicsFunction: 'topics',
    LogProduceFunction: 'produce',
    LogFetchFunction: 'fetch',
    LogCommitFunction: 'commit',
  };
  const cloudFormation = await startCloudFormation(REGION, () => ({ Stratalog: outputs }));
  return {
    environment: {
      AWS_REGION: REGION,
      AWS_PROFILE: undefined,
      AWS_ACCESS_KEY_ID: KEY,
      AWS_SECRET_ACCESS_KEY: SECRET,
      AWS_SESSION_TOKEN: undefined,
      AWS_ENDPOINT_URL_CLOUDFORMATION: cloudFormation.url,
    },
    close: async () => {
      await cloudFormation.close();
      await gateway.close();
    },
  };
};
