/**
 * Templates of a log, each synthesized once, without a build: what a bundle holds is no matter of the template.
 */
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { StratalogProps } from '../../infra/props.ts';
import { Stratalog } from '../../infra/stratalog.ts';
import { BUNDLES, SCRATCH } from './bundles.ts';

let apps = 0;
/** An app whose stacks can be synthesized. */
export const newApp = (): App =>
  new App({ context: BUNDLES, outdir: join(SCRATCH, `app-${++apps}`) });

export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: it is JSON, and each test knows what it looks for
  readonly Properties: any;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** A stack with one log, as the app in `infra/app.ts` has it. */
export interface Synthesized {
  readonly template: Template;
  readonly log: Stratalog;
  readonly outputs: Readonly<Record<string, { readonly Export: { readonly Name: string } }>>;
  /** By logical id. */
  of(type: string): Readonly<Record<string, Resource>>;
  /** The properties of those of a type. */
  propertiesOf(type: string): readonly Resource['Properties'][];
  /** Those of a type of which there must be one. */
  only(type: string): Resource;
}

/** Makes it. */
export const synthesize = (
  props: StratalogProps | ((stack: Stack) => StratalogProps) = {},
): Synthesized => {
  const stack = new Stack(newApp(), 'Stratalog');
  const log = new Stratalog(stack, 'Log', typeof props === 'function' ? props(stack) : props);
  const template = Template.fromStack(stack);
  const of = (type: string) => template.findResources(type) as Record<string, Resource>;
  return {
    template,
    log,
    outputs: template.toJSON().Outputs,
    of,
    propertiesOf: (type) => Object.values(of(type)).map(({ Properties }) => Properties),
    only: (type) => {
      const [resource, ...others] = Object.values(of(type));
      if (resource === undefined || others.length > 0) {
        throw new Error(`there are ${others.length + (resource ? 1 : 0)} of ${type}`);
      }
      return resource;
    },
  };
};
