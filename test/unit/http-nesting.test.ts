/** How deep the JSON of a request may be. */
import { expect, it } from 'vitest';
import { refuseDeepNesting } from '../../lib/http/nesting.ts';
import { parseJson } from '../../lib/http/validate.ts';
import { MAX_JSON_DEPTH } from '../../lib/model/limits.ts';

const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

it('takes JSON of the greatest depth and refuses one level more', () => {
  expect(() => parseJson(nested(MAX_JSON_DEPTH), 'The body')).not.toThrow();
  expect(() => parseJson(nested(MAX_JSON_DEPTH + 1), 'The body')).toThrow(/more than 128 levels/);
  expect(() => parseJson(`{"a":${nested(MAX_JSON_DEPTH)}}`, 'The body')).toThrow(/levels deep/);
});

it('refuses without running out of stack', () => {
  expect(() => refuseDeepNesting(JSON.parse(nested(500_000)), 'The payload')).toThrow(
    expect.objectContaining({ code: 'INVALID_REQUEST' }),
  );
});
