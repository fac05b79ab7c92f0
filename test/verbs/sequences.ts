/**
 * Runs random sequences of calls and compares each answer with the model's.
 *
 * A failure shows the shortest sequence found, with what was answered and what should have been; its seed
 * repeats it: `VERBS_SEED=… npx vitest run test/verbs`. `VERBS_RUNS` makes each test so many sequences long.
 */
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { systemRuntime } from '../../lib/model/runtime.ts';
import type { Answer } from './answers.ts';
import type { Call } from './calls.ts';
import { predict } from './model.ts';
import { joinAppends } from './model-partition.ts';
import { type Model, newModel } from './model-state.ts';
import { type Burst, someBurst } from './plan-bursts.ts';
import { FIRST_MS, type Plan } from './plan-subjects.ts';
import { firstTopic } from './plan-topics.ts';
import { type PlanName, somePlan } from './plans.ts';
import { openWorld, type Setting, WAYS, type WayName, type World } from './world.ts';

const MAX_CALLS = 40;
/** Where looking for a shorter sequence ends, whatever was found. */
const LONGEST_MS = 60_000;

interface Step {
  readonly way: WayName;
  readonly call: Call;
  readonly answer: Answer;
}

/** The service beside the model, with all that was said. */
interface Stage {
  readonly world: World;
  readonly steps: Step[];
}

type Command = fc.AsyncCommand<Model, Stage>;

/** What only HTTP can say goes by HTTP. */
const wayFor = (call: Call, way: WayName, ways: readonly WayName[]): WayName | undefined =>
  call.verb === 'malformed' && way === 'direct' ? ways.find((name) => name !== 'direct') : way;

const shown = (value: unknown): string => inspect(value, { depth: 9, breakLength: 160 });

const told = (steps: readonly Step[]): string =>
  steps.map(({ way, call, answer }) => `${way}: ${shown(call)}\n    → ${shown(answer)}`).join('\n');

/** @throws with all that was said, when the answer is not the model's */
const compare = (model: Model, steps: Step[], step: Step): void => {
  steps.push(step);
  try {
    assert.deepStrictEqual(step.answer, predict(model, step.call, step.answer));
  } catch (error) {
    throw new Error(`${told(steps)}\n${(error as Error).message}`);
  }
};

const commandOf =
  (ways: readonly WayName[]) =>
  (drawn: { readonly plan: Plan; readonly way: WayName; readonly ms: number }): Command => ({
    check: () => true,
    run: async (model, { world, steps }) => {
      model.now = world.advance(drawn.ms);
      const call = drawn.plan(model);
      const way = wayFor(call, drawn.way, ways);
      if (way === undefined) return;
      const answer = await world.ways[way](call);
      steps.push({ way, call, answer });
      try {
        assert.deepStrictEqual(answer, predict(model, call, answer));
      } catch (error) {
        throw new Error(`${told(steps)}\n${(error as Error).message}`);
      }
    },
    toString: () => drawn.way,
  });

/** The offset of the first record, where it was written. */
const offsetIn = (answer: Answer): number =>
  (answer as readonly { readonly offset?: number }[])[0]?.offset ?? Number.POSITIVE_INFINITY;

/** Appends at once: some order of them must explain all answers, and offsets tell which. */
const burstBy =
  (ways: readonly WayName[]) =>
  (drawn: { readonly burst: Burst; readonly turn: number }): Command => ({
    check: () => true,
    run: async (model, { world, steps }) => {
      model.now = world.advance(1);
      const calls = drawn.burst(model);
      const said = await Promise.all(
        calls.map(async (call, index) => {
          const way = ways[(drawn.turn + index) % ways.length]!;
          return { way, call, answer: await world.ways[way](call) };
        }),
      );
      said.sort((one, other) => {
        const [left, right] = [offsetIn(one.answer), offsetIn(other.answer)];
        return left < right ? -1 : left > right ? 1 : 0;
      });
      const { topic, partition } = calls[0]!;
      const log = model.topics.get(topic)?.partitions[partition!];
      const appends = log?.appends ?? 0;
      for (const step of said) compare(model, steps, step);
      if (log !== undefined) joinAppends(log, appends);
    },
    toString: () => 'burst',
  });

const restart: Command = {
  check: () => true,
  run: (_, { world }) => world.restart(),
  toString: () => 'restart',
};

const commandsBy = (ways: readonly WayName[], maxCalls: number, plans?: readonly PlanName[]) => {
  const calls = fc
    .record({
      plan: somePlan(plans),
      way: fc.constantFrom(...ways),
      ms: fc.constantFrom(0, 1, 500, 1_000),
    })
    .map(commandOf(ways));
  const bursts = fc.record({ burst: someBurst, turn: fc.nat(3) }).map(burstBy(ways));
  const others = [
    { weight: 2, arbitrary: bursts },
    { weight: 1, arbitrary: fc.constant(restart) },
  ];
  const any = fc.oneof({ weight: 30, arbitrary: calls }, ...(plans === undefined ? others : []));
  return fc.commands([any], { maxCommands: maxCalls, size: 'max' });
};

export interface Trial extends Setting {
  /** The ways that calls go; default: all, changing from call to call. */
  readonly ways?: readonly WayName[];
  /** What sequences are made of; default: everything. */
  readonly plans?: readonly PlanName[];
  /** Of one sequence; default 40. */
  readonly maxCalls?: number;
  readonly runs: number;
  readonly seed: number;
  /** Do not look for a shorter sequence. */
  readonly endOnFailure?: boolean;
}

/** One seed for all tests of a run, printed. */
export const newSeed = (): number => {
  const drawn = Buffer.from(systemRuntime.randomBytes(4)).readInt32BE();
  const seed = Number(process.env.VERBS_SEED ?? drawn);
  console.log(`verbs: seed ${seed}`);
  return seed;
};

/** `standard` unless the environment asks for another number. */
export const runsOr = (standard: number): number => Number(process.env.VERBS_RUNS ?? standard);

/** Runs the sequences; the verdict tells the first one that went wrong, made short. */
export const tryOut = ({
  ways = WAYS,
  plans,
  maxCalls = MAX_CALLS,
  runs,
  seed,
  endOnFailure = false,
  ...setting
}: Trial) =>
  fc.check(
    fc.asyncProperty(firstTopic, commandsBy(ways, maxCalls, plans), async (plan, commands) => {
      const world = await openWorld(setting);
      const stage = { model: newModel(FIRST_MS), real: { world, steps: [] } };
      try {
        await commandOf(ways)({ plan, way: ways[0]!, ms: 0 }).run(stage.model, stage.real);
        await fc.asyncModelRun(() => stage, commands);
      } finally {
        await world.close();
      }
    }),
    { numRuns: runs, seed, endOnFailure, interruptAfterTimeLimit: LONGEST_MS + runs * 1_000 },
  );

/** @throws with the sequence, unless all went well */
export const expectNoDifference = async (trial: Trial): Promise<void> => {
  const { failed, errorInstance, seed, numRuns } = await tryOut(trial);
  if (!failed) return;
  assert.fail(`seed ${seed}, sequence ${numRuns}:\n${(errorInstance as Error).message}`);
};
