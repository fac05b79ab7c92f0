import { startLocalstack } from '../engines/localstack.ts';
import { describeAws } from './aws.ts';

describeAws('LocalStack', async () => {
  const { endpoint, close } = await startLocalstack();
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return { options: { endpoint, region: 'us-east-1', credentials }, close };
});
