/**
 * A topic as a resource of CloudFormation, done over the broker.
 *
 *   Create   make it; or take over the one that is there, if it is as declared and nothing of it can be lost
 *   Update   more partitions; configs exactly as declared; another name is another topic, and CloudFormation
 *            has the old one deleted afterwards
 *   Delete   `destroy` deletes the very topic that was made, `retain` leaves it
 *
 * Each may come twice, because CloudFormation and Lambda repeat what they have no answer to, so each
 * looks at what is there and does the rest.
 *
 * A topic is taken over when its partitions and configs are those declared, so that a topic which a stack
 * left behind comes back with the stack. If the resource may destroy it, it must be empty, too: should the
 * deployment fail, CloudFormation deletes what it believes it has just made.
 */
import type { Broker, TopicDescription } from '../../lib/broker/api.ts';
import { StratalogError } from '../../lib/model/errors.ts';
import { type TopicName, topicId } from '../../lib/model/ids.ts';
import type { Runtime } from '../../lib/model/runtime.ts';
import {
  type DeclaredTopic,
  declaredTopic,
  NOT_CREATED,
  type OwnedTopic,
  ownedTopic,
  physicalIdOf,
  type ResourceRequest,
} from './request.ts';

/** What the resource is after a request. */
export interface TopicResource {
  readonly physicalId: string;
  readonly data?: Readonly<Record<string, string>>;
}

export interface Working {
  readonly broker: Broker;
  readonly runtime: Runtime;
  /** Until when what may pass is tried again, by the runtime's monotonic clock. */
  readonly deadlineMs: number;
}

/** Between attempts. */
const PAUSE_MS = 1_000;

const isUnknown = (error: unknown): boolean =>
  error instanceof StratalogError && error.code === 'UNKNOWN_TOPIC_OR_PARTITION';

/** Kafka calls a missing topic retriable, because it may come; ours does not come by waiting. */
const mayPass = (error: unknown): boolean =>
  error instanceof StratalogError && error.retriable && !isUnknown(error);

/** Does it again while it fails by what may pass and there is time. */
const patiently = async <T>(
  { runtime, deadlineMs }: Working,
  work: () => Promise<T>,
): Promise<T> => {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!mayPass(error) || runtime.monotonicMs() + PAUSE_MS > deadlineMs) throw error;
      await runtime.sleep(PAUSE_MS);
    }
  }
};

/** The topic as it is; undefined when there is none. */
const find = async (working: Working, name: TopicName): Promise<TopicDescription | undefined> => {
  try {
    return await patiently(working, () => working.broker.describeTopic(name));
  } catch (error) {
    if (isUnknown(error)) return undefined;
    throw error;
  }
};

const refuse = (message: string): StratalogError => new StratalogError('INVALID_REQUEST', message);

const hasRecords = ({ partitions }: TopicDescription): boolean =>
  partitions.some(({ logStartOffset, logEndOffset }) => logStartOffset < logEndOffset);

/** What was set on a topic. */
const configsOf = ({ configs }: TopicDescription): Readonly<Record<string, string>> =>
  Object.fromEntries(
    configs
      .filter(({ source }) => source === 'DYNAMIC_TOPIC_CONFIG')
      .map(({ name, value }) => [name, value]),
  );

/** What to do so that exactly the declared configs are set. */
const changesOf = (found: TopicDescription, { configs }: DeclaredTopic) => {
  const current = configsOf(found);
  return {
    set: Object.fromEntries(
      Object.entries(configs).filter(([name, value]) => current[name] !== value),
    ),
    reset: Object.keys(current).filter((name) => !Object.hasOwn(configs, name)),
  };
};

const isAsDeclared = (found: TopicDescription, declared: DeclaredTopic): boolean => {
  const { set, reset } = changesOf(found, declared);
  const isSame = Object.keys(set).length === 0 && reset.length === 0;
  return isSame && found.partitions.length === declared.partitions;
};

const resourceOf = ({ name, topicId: id }: TopicDescription): TopicResource => ({
  physicalId: physicalIdOf({ name, id: topicId(id) }),
  data: { Name: name, TopicId: id },
});

/** Takes a topic over that is there. @throws INVALID_REQUEST saying what to do instead */
const adopt = (found: TopicDescription, declared: DeclaredTopic): TopicResource => {
  if (!isAsDeclared(found, declared)) {
    const configs = JSON.stringify(configsOf(found));
    throw refuse(
      `The topic ${found.name} exists already, with ${found.partitions.length} partitions and the configs ${configs}. To take it over declare exactly these, and change them in a later deployment; or choose another name.`,
    );
  }
  if (declared.removal === 'destroy' && hasRecords(found)) {
    throw refuse(
      `The topic ${found.name} exists already and has records, and a resource that may destroy them does not take it over. Declare it with RemovalPolicy.RETAIN, deploy, and change that in a later deployment; or choose another name.`,
    );
  }
  return resourceOf(found);
};

const create = async (working: Working, declared: DeclaredTopic): Promise<TopicResource> => {
  const { broker, runtime, deadlineMs } = working;
  const { name, partitions, configs } = declared;
  for (;;) {
    try {
      const made = await patiently(working, () =>
        broker.createTopic({ name, partitions, configs }),
      );
      return resourceOf(made);
    } catch (error) {
      if (!(error instanceof StratalogError) || error.code !== 'TOPIC_ALREADY_EXISTS') throw error;
      const found = await find(working, name);
      if (found !== undefined) return adopt(found, declared);
      // Somebody makes it, or gave up making it, such as the first one to be sent this request.
      if (runtime.monotonicMs() + PAUSE_MS > deadlineMs) throw error;
      await runtime.sleep(PAUSE_MS);
    }
  }
};

/** The topic that the resource made. @throws INVALID_REQUEST when it is gone, or another has its name */
const findOwned = async (working: Working, { name, id }: OwnedTopic): Promise<TopicDescription> => {
  const found = await find(working, name);
  if (found?.topicId === id) return found;
  const what = found === undefined ? 'was deleted' : 'was deleted, and made again by somebody else';
  throw refuse(
    `The topic ${name} that this resource stands for ${what}. Take it out of the stack, deploy, and put it in again.`,
  );
};

/** @throws INVALID_REQUEST when the topic that a new name leaves behind would be lost with its records */
const refuseLoss = async (
  working: Working,
  owned: OwnedTopic,
  removals: readonly unknown[],
): Promise<void> => {
  if (!removals.includes('destroy')) return;
  const found = await find(working, owned.name);
  if (found?.topicId !== owned.id || !hasRecords(found)) return;
  throw refuse(
    `Another name makes another topic, and the records of ${owned.name} would be destroyed. Declare it with RemovalPolicy.RETAIN and deploy before you rename it; or delete its records first.`,
  );
};

const update = async (working: Working, request: ResourceRequest): Promise<TopicResource> => {
  const { broker } = working;
  const declared = declaredTopic(request.ResourceProperties);
  const owned = ownedTopic(request.PhysicalResourceId);
  if (owned === undefined) return create(working, declared);
  if (owned.name !== declared.name) {
    await refuseLoss(working, owned, [declared.removal, request.OldResourceProperties?.Removal]);
    return create(working, declared);
  }
  const found = await findOwned(working, owned);
  const { name, partitions } = declared;
  const { length } = found.partitions;
  if (partitions < length) {
    throw refuse(
      `The topic ${name} has ${length} partitions, and ${partitions} are declared: partitions are only ever added. Declare ${length} or more. If this is a rollback, continue it without this resource: aws cloudformation continue-update-rollback --stack-name ${request.StackId} --resources-to-skip ${request.LogicalResourceId}`,
    );
  }
  const changes = changesOf(found, declared);
  if (Object.keys(changes.set).length > 0 || changes.reset.length > 0) {
    await patiently(working, () => broker.alterConfigs({ topic: name, ...changes }));
  }
  if (partitions > length) {
    await patiently(working, () => broker.addPartitions({ topic: name, partitions })).catch(
      async (error: unknown) => {
        // An attempt whose answer was lost may have added them.
        const now = await findOwned(working, owned);
        if (now.partitions.length !== partitions) throw error;
      },
    );
  }
  return resourceOf(found);
};

/**
 * Whether a request has nothing to do with any topic, and so needs no store. Properties that no topic could
 * be made with are no reason to keep a stack from going.
 */
export const isIdle = ({
  RequestType,
  PhysicalResourceId,
  ResourceProperties,
}: ResourceRequest): boolean =>
  RequestType === 'Delete' &&
  (ownedTopic(PhysicalResourceId) === undefined || ResourceProperties.Removal !== 'destroy');

const remove = async (working: Working, request: ResourceRequest): Promise<TopicResource> => {
  const physicalId = request.PhysicalResourceId ?? NOT_CREATED;
  const owned = isIdle(request) ? undefined : ownedTopic(physicalId);
  const found = owned && (await find(working, owned.name));
  if (owned === undefined || found?.topicId !== owned.id) return { physicalId };
  try {
    await patiently(working, () => working.broker.deleteTopic(owned.name));
  } catch (error) {
    if (!isUnknown(error)) throw error;
  }
  return { physicalId };
};

/** Does what is asked. @throws StratalogError saying what to do */
export const topicResource = (
  working: Working,
  request: ResourceRequest,
): Promise<TopicResource> => {
  switch (request.RequestType) {
    case 'Create':
      return create(working, declaredTopic(request.ResourceProperties));
    case 'Update':
      return update(working, request);
    case 'Delete':
      return remove(working, request);
  }
};
