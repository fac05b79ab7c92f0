/** The OpenAPI document: without a finding of the linter, and true in its examples. */
import { readFileSync } from 'node:fs';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { handler } from '../../functions/topics.ts';
import { OPERATIONS, openApiDocument } from '../../lib/http/openapi/document.ts';
import { ROUTES } from '../../lib/http/routes.ts';
import { problemSchema } from '../../lib/http/schemas/problem.ts';
import { groupOfSegment, groupSegment } from '../../lib/model/group-path.ts';
import { groupId } from '../../lib/model/ids.ts';

interface OperationObject {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, object>>;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const document = openApiDocument();
const paths = document.paths as Record<string, Record<string, OperationObject>>;

it('has no error and no warning', async () => {
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintFromString({ source: JSON.stringify(document), config });
  expect(
    problems.map(({ ruleId, severity, message, location }) => ({
      ruleId,
      severity,
      message,
      at: location[0]?.pointer,
    })),
  ).toEqual([]);
});

it('is what the function answers', async () => {
  const answer = await handler({ method: 'GET', path: '/openapi.json' }, { awsRequestId: 'test' });
  const { status, headers, body } = answer as Answer;
  expect([status, headers['content-type']]).toEqual([200, 'application/json']);
  expect(JSON.parse(body)).toEqual(JSON.parse(JSON.stringify(document)));
  expect(Buffer.byteLength(body)).toBeLessThan(100_000);
});

it('has the version of the package', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(document.info).toMatchObject({ version });
});

describe.each(ROUTES)('$name', ({ name, method, path, verb }) => {
  const operation = OPERATIONS[name];
  const told = paths[path]?.[method.toLowerCase()];

  it('is in the document, with what a policy must allow and the problems it may have', () => {
    expect(told).toMatchObject({
      operationId: name,
      'x-kafka-operation': verb,
      'x-iam': { action: 'execute-api:Invoke', resource: `${method}${path}` },
    });
    expect(Object.keys(told!.responses)).toEqual(expect.arrayContaining(['400', '500', '503']));
  });

  it('has examples that keep its schemas', () => {
    const contents = [operation.request?.content, operation.answer.content];
    for (const content of contents.flatMap((each) => Object.values(each ?? {}))) {
      if ('schema' in content) content.schema.parse(content.example);
    }
    operation.query?.parse(operation.queryExample);
    expect(Object.keys(operation.query?.shape ?? {})).toEqual(
      expect.arrayContaining(Object.keys(operation.queryExample ?? {})),
    );
  });
});

it('has an example of a problem that is one', () => {
  const { Problem } = (document.components as { schemas: Record<string, { examples: unknown[] }> })
    .schemas;
  for (const example of Problem!.examples) problemSchema.parse(example);
});

describe('the pattern of a group', () => {
  const { parameters } = paths['/groups/{group}/offsets']!.get as unknown as {
    parameters: { name: string; schema: { pattern: string } }[];
  };
  const pattern = new RegExp(parameters.find(({ name }) => name === 'group')!.schema.pattern);
  const isTaken = (segment: string): boolean => {
    try {
      return groupOfSegment(segment).length > 0;
    } catch {
      return false;
    }
  };

  it.each([
    'billing',
    '.',
    '..',
    '...',
    'a b/ü',
    '-~_',
    'グループ',
    '👥',
    '\ufeff',
    'x'.repeat(255),
  ])('takes the spelling of %s', (id) => {
    expect(groupSegment(groupId(id))).toMatch(pattern);
  });

  it('takes what the service takes, and nothing else', () => {
    const bytes = fc.integer({ min: 0, max: 255 }).map((byte) => hexOf(byte));
    const pieces = fc.oneof(fc.constantFrom('a', '.', '-', '~'), bytes, fc.string().map(escaped));
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 6 }), (all) => {
        const segment = all.join('');
        expect([segment, pattern.test(segment)]).toEqual([segment, isTaken(segment)]);
      }),
      { numRuns: 2_000 },
    );
  });
});

const hexOf = (byte: number): string => `~${byte.toString(16).toUpperCase().padStart(2, '0')}`;
const escaped = (text: string): string =>
  [...Buffer.from(text)].map((byte) => hexOf(byte)).join('');
