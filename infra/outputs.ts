/** What a stack tells of a log in it, for the CLI, the SDK, and other stacks. */
import { CfnOutput, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { OutputKey } from './names.ts';

/** A construct's path below its stack, as the beginning of its outputs: `Log`. */
export const outputPrefix = (scope: Construct): string =>
  scope.node.scopes
    .slice(Stack.of(scope).node.scopes.length)
    .map(({ node }) => node.id.replaceAll(/[^A-Za-z0-9]/g, ''))
    .join('');

/** Writes the outputs, each exported as `<stack>:<prefix><key>`. */
export const createOutputs = (
  scope: Construct,
  values: Readonly<Record<OutputKey, string>>,
): void => {
  const prefix = outputPrefix(scope);
  const { stackName } = Stack.of(scope);
  const outputs = new Construct(scope, 'Outputs');
  for (const [key, value] of Object.entries(values)) {
    new CfnOutput(outputs, key, {
      value,
      exportName: `${stackName}:${prefix}${key}`,
    }).overrideLogicalId(`${prefix}${key}`);
  }
};
