/**
 * A log that another stack of this account and region made, by what that stack exports: `Stratalog.fromStackOutputs`.
 */
import { Fn, Token } from 'aws-cdk-lib';
import { type IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { LogBase } from './log.ts';
import { idOf, type LogFunction, type OutputKey } from './names.ts';
import { collectProblems } from './problems.ts';

/** Where a log is. */
export interface StackOutputs {
  /** The stack that has it. */
  readonly stackName: string;
  /**
   * The path of the log's construct in that stack, without slashes: its outputs begin with it.
   * @default 'Log'
   */
  readonly prefix?: string;
  /**
   * What the log is called in its metrics, if its prop `logName` says so.
   * @default - the stack's name and the prefix, as the log's own default is: `Stratalog-Log`
   */
  readonly logName?: string;
}

const STACK_NAME = /^[A-Za-z][A-Za-z0-9-]{0,127}$/;

/** The log of another stack. */
export class ImportedLog extends LogBase {
  readonly logName: string;
  readonly apiEndpoint: string;
  readonly apiId: string;
  readonly functions: Readonly<Record<LogFunction, IFunction>>;
  /** The other stack knows. */
  readonly metricTopics = undefined;

  /** @throws an Error that lists what cannot work */
  constructor(scope: Construct, id: string, { stackName, prefix = 'Log', logName }: StackOutputs) {
    super(scope, id);
    const problems = collectProblems();
    const isStackName = Token.isUnresolved(stackName) || STACK_NAME.test(stackName);
    problems.require(isStackName, 'stackName', stackName, 'legal are names of stacks');
    const legal =
      "it is the path of the log's construct in its stack, without slashes, such as Log";
    problems.require(/^[A-Za-z0-9]+$/.test(prefix), 'prefix', prefix, legal);
    problems.throwIfAny(`The log ${this.node.path}`);
    const imported = (key: OutputKey): string => Fn.importValue(`${stackName}:${prefix}${key}`);
    const named = (name: LogFunction, key: OutputKey): IFunction =>
      LambdaFunction.fromFunctionName(this, idOf(name), imported(key));
    this.logName = logName ?? `${stackName}-${prefix}`;
    this.apiEndpoint = imported('ApiEndpoint');
    this.apiId = imported('ApiId');
    this.functions = {
      topics: named('topics', 'TopicsFunction'),
      produce: named('produce', 'ProduceFunction'),
      fetch: named('fetch', 'FetchFunction'),
      commit: named('commit', 'CommitFunction'),
      maintain: named('maintain', 'MaintainFunction'),
      'topic-resource': LambdaFunction.fromFunctionArn(
        this,
        idOf('topic-resource'),
        imported('TopicResource'),
      ),
    };
  }
}
