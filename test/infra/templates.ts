/**
 * Templates as values: CloudFormation's functions resolved, so that policies and what they are about can be compared.
 *
 *   {Ref: AWS::Region}             eu-central-1
 *   {Fn::GetAtt: [Table, Arn]}     <Table.Arn>
 *   {Fn::ImportValue: name}        what the other template exports by that name, else <name>
 */
import type { App } from 'aws-cdk-lib';
import type { Statement } from './iam.ts';

export const PSEUDO = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'eu-central-1',
  'AWS::AccountId': '111111111111',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': 'Stack',
} as const;

// biome-ignore lint/suspicious/noExplicitAny: a template is JSON, and each test knows what it looks for
export type Json = any;

export interface Template {
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties: Json }>
  >;
  readonly Outputs?: Readonly<Record<string, { readonly Value: Json; readonly Export?: Json }>>;
}

/** The templates of an app, by stack, resolved. */
export const templatesOf = (app: App): Readonly<Record<string, Template>> => {
  const stacks = app.synth({ force: true, skipValidation: true }).stacksRecursively;
  const exported = new Map<string, Json>();
  for (const { template } of stacks) {
    for (const { Value, Export } of Object.values((template as Template).Outputs ?? {})) {
      if (Export !== undefined) exported.set(String(resolved(Export.Name)), Value);
    }
  }
  return Object.fromEntries(
    stacks.map(({ id, template }) => [id, resolved(template, exported) as Template]),
  );
};

const resolved = (value: Json, exported: ReadonlyMap<string, Json> = new Map()): Json => {
  if (Array.isArray(value)) return value.map((one) => resolved(one, exported));
  if (typeof value !== 'object' || value === null) return value;
  const [[name, of] = [], ...others] = Object.entries(value) as [string, Json][];
  if (others.length === 0) {
    if (name === 'Ref') return PSEUDO[of as keyof typeof PSEUDO] ?? `<${of}>`;
    if (name === 'Fn::GetAtt') return `<${of.join('.')}>`;
    if (name === 'Fn::Join') return resolved(of[1], exported).join(of[0]);
    if (name === 'Fn::ImportValue') {
      const target = resolved(of, exported);
      return exported.has(target) ? resolved(exported.get(target), exported) : `<${target}>`;
    }
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, resolved(one, exported)]),
  );
};

/** A policy of a template, and where it is in it. */
export interface FoundPolicy {
  /** Logical id of the resource that has it. */
  readonly id: string;
  /** Logical ids of the roles that it is for. */
  readonly roles: readonly string[];
  readonly statements: Statement[];
}

const roleIds = (roles: readonly string[] = []): readonly string[] =>
  roles.map((role) => role.replace(/^<(.*)>$/, '$1'));

/** What principals are allowed: policies of roles, in them and beside them. */
export const policiesOf = ({ Resources }: Template): readonly FoundPolicy[] =>
  Object.entries(Resources).flatMap(([id, { Type, Properties }]): FoundPolicy[] => {
    switch (Type) {
      case 'AWS::IAM::Role':
        return (Properties.Policies ?? []).map(({ PolicyDocument }: Json) => ({
          id,
          roles: [id],
          statements: PolicyDocument.Statement,
        }));
      case 'AWS::IAM::Policy':
      case 'AWS::IAM::ManagedPolicy':
        return [
          { id, roles: roleIds(Properties.Roles), statements: Properties.PolicyDocument.Statement },
        ];
      default:
        return [];
    }
  });

/** All that a role is allowed and denied. */
export const statementsOf = (template: Template, role: string): readonly Statement[] =>
  policiesOf(template)
    .filter(({ roles }) => roles.includes(role))
    .flatMap(({ statements }) => statements);

/** The logical id of the one resource of a type whose id begins so. */
export const idOf = ({ Resources }: Template, type: string, prefix = ''): string => {
  const ids = Object.keys(Resources).filter(
    (id) => Resources[id]!.Type === type && id.startsWith(prefix),
  );
  if (ids.length !== 1) throw new Error(`${ids.length} of ${type} begin with ${prefix}`);
  return ids[0]!;
};
