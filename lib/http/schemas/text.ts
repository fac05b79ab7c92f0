/**
 * Pieces that the schemas share. Their messages say what is legal and read on from the field's name:
 * `partitions must be a whole number`.
 */
import * as z from 'zod';

/** A whole number in a JSON body; every way to miss it is told in the same words. */
export const wholeNumber = (from: number, to: number) => {
  const error = `must be a whole number from ${from} to ${to}`;
  return z.number({ error }).int({ error }).min(from, { error }).max(to, { error });
};

/** A whole number in a path or query string: digits only, so that '', '0x10' and '1e3' are refused. */
export const wholeNumberText = (from: number, to: number) => {
  const error = `must be a whole number from ${from} to ${to}`;
  return z
    .string({ error })
    .regex(/^\d{1,16}$/, { error })
    .transform(Number)
    .pipe(z.number().min(from, { error }).max(to, { error }))
    .meta({ type: 'integer', minimum: from, maximum: to });
};

/** Words for a value that is no such object, or has a field too many. */
export const objectError = (what: string) => ({
  error: (issue: { readonly code?: string | undefined; readonly keys?: readonly string[] }) =>
    issue.code === 'unrecognized_keys'
      ? `has the unknown field ${(issue.keys ?? []).map((key) => JSON.stringify(key)).join(', ')}`
      : `must be ${what}`,
});
