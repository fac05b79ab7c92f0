/**
 * What can be chosen of a topic. What the service would refuse is refused at synth, by the same functions, and
 * everything at once.
 */
import { type Duration, Names, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { validateConfigs } from '../lib/log/configs.ts';
import { StratalogError } from '../lib/model/errors.ts';
import { partitionCount, topicName } from '../lib/model/ids.ts';
import { MAX_TOPIC_NAME_LENGTH } from '../lib/model/limits.ts';
import type { IStratalog } from './log.ts';
import { collectProblems } from './problems.ts';

/** A topic to be made. */
export interface TopicProps {
  /** The log that it is a topic of: of the account and the region of this stack, because CloudFormation calls its function. */
  readonly log: IStratalog;
  /**
   * 1–249 of a–z, A–Z, 0–9, `.`, `_`, `-`. Another name is another topic: what is there stays as `removalPolicy` says,
   * and is not copied.
   * @default - made of the construct's path: `MyStack-Orders-1A2B3C4D`
   */
  readonly name?: string;
  /**
   * 1–10,000. It may grow later, and then records with a key go to other partitions than before. It never shrinks: a
   * deployment that asks for fewer fails.
   * @default 1
   */
  readonly partitions?: number;
  /**
   * How long records are to be kept; the config `retention.ms`, in which `-1` stands for ever. Nothing deletes by it yet:
   * until maintenance does, all are kept.
   * @default - what the service's default is, seven days
   */
  readonly retention?: Duration;
  /**
   * Kafka's config names and values. A config that is taken out goes back to its default.
   * @default - the service's defaults
   */
  readonly configs?: Readonly<Record<string, string>>;
  /**
   * What becomes of the topic and its records when it is removed from the stack, or is given another name. `RETAIN` leaves
   * them; a topic of the same name finds them again.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** How a topic is named where others make it. */
export interface TopicAttributes {
  /** The log that it is a topic of. */
  readonly log: IStratalog;
  /** As it was made: policies are written for it to the letter. */
  readonly name: string;
}

const REMOVAL: Partial<Readonly<Record<RemovalPolicy, 'retain' | 'destroy'>>> = {
  [RemovalPolicy.RETAIN]: 'retain',
  [RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE]: 'retain',
  [RemovalPolicy.DESTROY]: 'destroy',
};

/** A topic as it is asked for, all of it known. */
export interface CheckedTopic {
  readonly name: string;
  readonly partitions: number;
  readonly configs: Readonly<Record<string, string>>;
  readonly removalPolicy: RemovalPolicy;
  readonly removal: 'retain' | 'destroy';
}

/** By log and name: the construct that declares it. */
const declared = new WeakMap<IStratalog, ReadonlyMap<string, string>>();

const UNKNOWN = 'it must be known at synth, so write it out';

/** The topic that is to be made as `scope`. @throws an Error that lists what cannot work */
export const topicOf = (scope: Construct, props: TopicProps): CheckedTopic => {
  const { partitions = 1, retention, removalPolicy = RemovalPolicy.RETAIN } = props;
  const name =
    props.name ??
    Names.uniqueResourceName(scope, { maxLength: MAX_TOPIC_NAME_LENGTH, separator: '-' });
  const configs = { ...props.configs };
  const problems = collectProblems();
  const check = (what: string, value: unknown, judge: () => unknown): void => {
    if (Token.isUnresolved(value)) {
      problems.add(what, value, UNKNOWN);
      return;
    }
    try {
      judge();
    } catch (error) {
      if (!(error instanceof StratalogError)) throw error;
      problems.add(what, value, error.message);
    }
  };

  check('name', name, () => topicName(name));
  check('partitions', partitions, () => partitionCount(partitions));
  for (const [config, value] of Object.entries(configs)) {
    check(`configs[${JSON.stringify(config)}]`, value, () => validateConfigs({ [config]: value }));
  }
  if (retention?.isUnresolved()) problems.add('retention', retention, UNKNOWN);
  else if (retention !== undefined) {
    if (configs['retention.ms'] !== undefined) {
      const twice = 'configs["retention.ms"] says how long as well: leave one of them out';
      problems.add('retention', retention.toHumanString(), twice);
    }
    configs['retention.ms'] = String(retention.toMilliseconds());
  }
  const removal = REMOVAL[removalPolicy];
  problems.require(
    removal !== undefined,
    'removalPolicy',
    removalPolicy,
    'a topic is kept (RETAIN) or deleted (DESTROY)',
  );
  const declaredBy = declared.get(props.log)?.get(name);
  if (declaredBy !== undefined) {
    problems.add(
      'name',
      name,
      `${declaredBy} declares this topic, and of two one would undo the other`,
    );
  }
  const [here, there] = [Stack.of(scope).environment, Stack.of(props.log).environment];
  const where = `a topic is made where its log is, which is ${there}: declare it in a stack of that account and region`;
  problems.require(here === there, 'env', here, where);
  problems.throwIfAny(`The topic ${scope.node.path}`);
  declared.set(props.log, new Map([...(declared.get(props.log) ?? []), [name, scope.node.path]]));
  return { name, partitions, configs, removalPolicy, removal: removal! };
};
