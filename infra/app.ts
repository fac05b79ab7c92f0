/** What `cdk synth` and `cdk deploy` run: one stack. */
import { App } from 'aws-cdk-lib';
import { StratalogStack } from './stack.ts';

const app = new App();
new StratalogStack(app, 'Stratalog', {
  description: 'Stratalog: a serverless, Kafka-shaped log.',
});
