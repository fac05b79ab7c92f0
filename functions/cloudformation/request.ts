/**
 * What CloudFormation asks of a `Custom::StratalogTopic`, parsed. All properties arrive as strings, whatever they were.
 *
 *   {RequestType: 'Create' | 'Update' | 'Delete', ResponseURL, StackId, RequestId, LogicalResourceId, PhysicalResourceId?,
 *    ResourceProperties: {ServiceToken, Name, Partitions: '6', Configs: {…}, Removal: 'retain' | 'destroy'},
 *    OldResourceProperties?: the same, for an Update}
 *
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/crpg-ref-requests.html
 */
import * as z from 'zod';
import { StratalogError } from '../../lib/model/errors.ts';
import {
  partitionCount,
  type TopicId,
  type TopicName,
  topicId,
  topicName,
} from '../../lib/model/ids.ts';

const resourceRequest = z.looseObject({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  ResponseURL: z.string(),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  PhysicalResourceId: z.string().optional(),
  ResourceProperties: z.record(z.string(), z.unknown()).default({}),
  OldResourceProperties: z.record(z.string(), z.unknown()).optional(),
});

export type ResourceRequest = z.output<typeof resourceRequest>;

/** @throws INVALID_REQUEST for what CloudFormation did not send: there is nobody to answer */
export const resourceRequestOf = (event: unknown): ResourceRequest => {
  const result = resourceRequest.safeParse(event);
  if (result.success) return result.data;
  const fields = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new StratalogError(
    'INVALID_REQUEST',
    `This function answers CloudFormation's requests for Custom::StratalogTopic, and this is none (${fields.join('; ')}).`,
  );
};

/** What becomes of the topic when its resource goes. */
export type Removal = 'retain' | 'destroy';

/** A topic as a template declares it. */
export interface DeclaredTopic {
  readonly name: TopicName;
  readonly partitions: number;
  /** Those that are set; all others have their defaults. */
  readonly configs: Readonly<Record<string, string>>;
  readonly removal: Removal;
}

const properties = z.looseObject({
  Name: z.string({ error: 'must be the name of a topic' }),
  Partitions: z.coerce
    .string()
    .regex(/^\d{1,9}$/, { error: 'must be a whole number' })
    .transform(Number),
  Configs: z.record(z.string(), z.coerce.string()).default({}),
  Removal: z.enum(['retain', 'destroy'], { error: 'must be "retain" or "destroy"' }),
});

/** @throws INVALID_REQUEST naming every property that is wrong, INVALID_TOPIC_EXCEPTION, INVALID_PARTITIONS */
export const declaredTopic = (given: Readonly<Record<string, unknown>>): DeclaredTopic => {
  const result = properties.safeParse(given);
  if (!result.success) {
    const wrong = result.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
    throw new StratalogError(
      'INVALID_REQUEST',
      `The properties of the topic are not right: ${wrong.join('; ')}.`,
    );
  }
  const { Name, Partitions, Configs, Removal } = result.data;
  return {
    name: topicName(Name),
    partitions: partitionCount(Partitions),
    configs: Configs,
    removal: Removal,
  };
};

/** The topic that a resource stands for: another one of the same name is not meant. */
export interface OwnedTopic {
  readonly name: TopicName;
  readonly id: TopicId;
}

/** `orders/0b5c…`: the topic and its id, so that a topic made again by others is never taken for ours. */
export const physicalIdOf = ({ name, id }: OwnedTopic): string => `${name}/${id}`;

/** The physical id of what never came to be. It names no topic, so its deletion deletes none. */
export const NOT_CREATED = 'not-created';

/** The topic that a physical id names, if it names one. */
export const ownedTopic = (physicalId: string | undefined): OwnedTopic | undefined => {
  const [, name, id] = /^([^/]+)\/([0-9a-f-]{36})$/.exec(physicalId ?? '') ?? [];
  return name === undefined || id === undefined
    ? undefined
    : { name: topicName(name), id: topicId(id) };
};
