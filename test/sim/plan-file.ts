/** Plans as files: what a failure leaves behind, to be run again. */
import { z } from 'zod';
import { ACTOR_KINDS } from './actors/actors.ts';
import type { Plan } from './plan.ts';

const count = z.int().nonnegative();
const rate = z.number().min(0).max(1);
const ms = z.number().nonnegative();

const faultRates = z.strictObject({
  repeat: rate.exactOptional(),
  late: rate.exactOptional(),
  loseAnswer: rate.exactOptional(),
  denySuccess: rate.exactOptional(),
  fail: rate.exactOptional(),
  refuse: rate.exactOptional(),
  delay: rate.exactOptional(),
  stale: rate.exactOptional(),
  damage: rate.exactOptional(),
});

const plan: z.ZodType<Plan> = z.strictObject({
  seed: count,
  operations: count,
  partitions: z.int().positive(),
  environments: z
    .array(
      z.strictObject({ kind: z.enum(['function', 'server']), skewMs: z.number(), lingerMs: ms }),
    )
    .min(1),
  actors: z.array(z.strictObject({ kind: z.enum(ACTOR_KINDS), name: z.string().min(1) })),
  itemFaults: faultRates,
  blobFaults: faultRates,
  slowMs: ms,
  lateMs: ms,
  unitsPerSecond: z.number().positive(),
  rollFailures: rate,
  network: z.strictObject({ lostRequest: rate, lostReply: rate, deliveredTwice: rate }),
  troubleEveryMs: ms,
  largeShare: rate,
  mediumShare: rate,
  mostFaults: count.exactOptional(),
});

export const formatPlan = (value: Plan): string => `${JSON.stringify(value, null, 2)}\n`;

/** @throws Error that says what is wrong with it */
export const parsePlan = (text: string): Plan => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`it is not JSON: ${(error as Error).message}`, { cause: error });
  }
  const parsed = plan.safeParse(value);
  if (!parsed.success) throw new Error(`it is no plan: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
};
