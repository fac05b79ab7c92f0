/** What `cdk synth` and `cdk deploy` run in a clone: one stack with one log. */
import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Stratalog } from './stratalog.ts';

const app = new App();
const stack = new Stack(app, 'Stratalog', {
  description: 'Stratalog: a serverless, Kafka-shaped log.',
});
new Stratalog(stack, 'Log', {
  ...(app.node.tryGetContext('removalPolicy') === 'destroy' && {
    removalPolicy: RemovalPolicy.DESTROY,
  }),
});
