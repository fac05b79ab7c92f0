/** An answer of many parts must not say that nothing happened while one of them may have. */
import { expect, it } from 'vitest';
import { givenOf } from '../../lib/http/at-hand.ts';
import { partsResponse } from '../../lib/http/parts-answer.ts';
import { batchesResponse, recordsResponse } from '../../lib/http/produce-answer.ts';
import { StratalogError } from '../../lib/model/errors.ts';

const refused = new StratalogError('MESSAGE_TOO_LARGE', 'Too large.', { context: { maxBytes: 7 } });
const open = new StratalogError('REQUEST_TIMED_OUT', 'Nobody knows.', { effect: 'unknown' });

const share = (partition: number, error: StratalogError) => ({
  partition,
  baseOffsets: [-1],
  logStartOffset: -1,
  logAppendTime: -1,
  error,
});

it.each([
  [
    'records',
    (errors: StratalogError[]) =>
      recordsResponse(errors.map((error, partition) => ({ partition, offset: -1, error }))),
  ],
  [
    'batches',
    (errors: StratalogError[]) =>
      batchesResponse(errors.map((error, partition) => share(partition, error))),
  ],
  [
    'parts',
    (errors: StratalogError[]) =>
      partsResponse(
        'offsets',
        errors.map((error) => ({ error })),
        () => ({}),
      ),
  ],
])('of %s', async (_name, answer) => {
  const told = async (...errors: StratalogError[]) => {
    const response = answer(errors);
    return { status: response.status, ...JSON.parse(String(await givenText(response))) };
  };
  expect(await told(refused, open)).toMatchObject({
    status: 413,
    code: 'MESSAGE_TOO_LARGE',
    maxBytes: 7,
    effect: 'unknown',
    detail: 'Too large. Other parts of the request may have been done.',
  });
  expect(await told(open, refused)).toMatchObject({ effect: 'unknown', detail: 'Nobody knows.' });
  expect(await told(refused, refused)).toMatchObject({ effect: 'none', detail: 'Too large.' });
});

const givenText = async (response: Response): Promise<string> => {
  const given = await givenOf(response);
  return typeof given === 'string' ? given : new TextDecoder().decode(given);
};

it('of very many records, where only the first of a code is told at length', async () => {
  const late = new StratalogError('REQUEST_TIMED_OUT', 'No turn.');
  const written = { partition: 0, offset: 0 };
  const outcomes = [
    written,
    ...Array.from({ length: 30_000 }, () => ({ partition: 1, offset: -1, error: late })),
    { partition: 2, offset: -1, error: open },
  ];
  const { records } = JSON.parse(await givenText(recordsResponse(outcomes)));
  expect(records[1].error).toMatchObject({ code: 'REQUEST_TIMED_OUT', effect: 'unknown' });
  expect(records.at(-1).error).toEqual({ code: 'REQUEST_TIMED_OUT' });
});
