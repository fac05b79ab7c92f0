/**
 * A log of a few arrays that does nothing wrong, and clients that talk to it at the same time.
 *
 *   begins ─────── takes effect ─────── is told        each at a moment of its own; those of other
 *   (invokedAt)        or not           (completedAt)  clients lie between them
 *
 * What was told before it took effect, or takes none, is `info`. In the end every client crashes and
 * one reads everything. The same seed gives the same history.
 */
import { type Random, seeded } from '../../support/virtual-runtime.ts';
import type { History, Operation, Poll, Send } from './history.ts';

const PARTITIONS = ['events/0', 'events/1', 'orders/0'];
const PRODUCERS = ['plain', 'idempotent', 'expectedEnd'] as const;

interface Log {
  readonly name: string;
  readonly records: { value: string; epoch: number }[];
  start: number;
  epoch: number;
}

/** An operation under way. */
interface Call {
  readonly operation: Operation;
  /** Called once, or twice when a plain producer repeats itself. */
  readonly effects: (() => void)[];
}

interface Client {
  name: string;
  readonly producer: Send['producer'];
  readonly positions: Map<string, number>;
  call: Call | undefined;
}

interface World {
  readonly random: Random;
  readonly logs: readonly Log[];
  readonly operations: Operation[];
  /** What is still to happen of calls that nobody waits for. */
  readonly late: (() => void)[];
  now: number;
  values: number;
  generation: number;
  storedGeneration: number;
}

const below = ({ random }: World, limit: number): number => Math.floor(random() * limit);
const pick = <One>(world: World, from: readonly One[]): One => from[below(world, from.length)]!;
const chance = ({ random }: World, of: number): boolean => random() < of;

const asked = (world: World, process: string) => {
  world.now += 1;
  return { process, invokedAt: world.now, completedAt: world.now, outcome: 'ok' as const };
};

const startSend = (world: World, client: Client): Call => {
  const log = pick(world, world.logs);
  world.values += 1;
  const value = `v${world.values}`;
  const { producer } = client;
  // Somebody else may append before it arrives.
  const expectedEnd = log.records.length;
  const mayRepeat = producer === 'plain' && chance(world, 0.1);
  const operation: Send = {
    ...asked(world, client.name),
    kind: 'send',
    partition: log.name,
    value,
    producer,
    ...(producer === 'expectedEnd' && { expectedEnd }),
    ...(producer === 'plain' && { attempts: mayRepeat ? 2 : 1 }),
  };
  const append = () => {
    if (producer === 'expectedEnd' && log.records.length !== expectedEnd) {
      Object.assign(operation, { outcome: 'fail', logEnd: log.records.length });
      return;
    }
    operation.offset = log.records.length;
    operation.logStart = log.start;
    log.records.push({ value, epoch: log.epoch });
  };
  return { operation, effects: mayRepeat ? [append, append] : [append] };
};

const startPoll = (world: World, client: Client): Call => {
  const logs = world.logs.filter(({ name }) => client.positions.has(name));
  const operation: Poll = { ...asked(world, client.name), kind: 'poll', reads: [] };
  const effects = logs.map((log) => () => {
    const from = client.positions.get(log.name)!;
    if (from < log.start) operation.outcome = 'fail';
    if (operation.outcome === 'fail') {
      operation.reads = [];
      return;
    }
    const until = from + below(world, 6);
    const records = log.records
      .slice(from, until)
      .map(({ value, epoch }, index): [number, string, number] => [from + index, value, epoch]);
    const hasMore = records.length === 0 && from < log.records.length;
    if (hasMore) return;
    const told = chance(world, 0.7)
      ? { logStart: log.start, logEnd: log.records.length }
      : ({} as const);
    operation.reads.push({ partition: log.name, from, records, ...told });
  });
  return { operation, effects };
};

const startAssign = (world: World, client: Client): Call => {
  client.positions.clear();
  const logs = world.logs.filter(() => chance(world, 0.7));
  const partitions = logs.map(({ name, start, records }) => {
    const from = start + (chance(world, 0.5) ? 0 : below(world, records.length - start + 1));
    client.positions.set(name, from);
    return { partition: name, from };
  });
  return {
    operation: { ...asked(world, client.name), kind: 'assign', partitions },
    effects: [],
  };
};

const startLook = (world: World, client: Client): Call => {
  const operation: Operation & { kind: 'list-offsets' } = {
    ...asked(world, client.name),
    kind: 'list-offsets',
    partitions: [],
  };
  const look = (log: Log) => () => {
    operation.partitions.push({
      partition: log.name,
      logStart: log.start,
      logEnd: log.records.length,
    });
  };
  return { operation, effects: world.logs.map(look) };
};

const startDeletion = (world: World, client: Client): Call => {
  const log = pick(world, world.logs);
  const isLatest = chance(world, 0.1);
  const before = Math.min(log.records.length, log.start + below(world, 4));
  const operation: Operation & { kind: 'delete-records' } = {
    ...asked(world, client.name),
    kind: 'delete-records',
    partition: log.name,
    before: isLatest ? 'latest' : before,
  };
  const effect = () => {
    log.start = Math.max(log.start, isLatest ? log.records.length : before);
    operation.logStart = log.start;
  };
  return { operation, effects: [effect] };
};

const startCommit = (world: World, client: Client): Call => {
  if (chance(world, 0.2)) world.generation += 1;
  const { generation } = world;
  const operation: Operation = {
    ...asked(world, client.name),
    kind: 'commit',
    group: 'readers',
    generation,
    partition: pick(world, PARTITIONS),
    offset: below(world, 9),
  };
  const store = () => {
    if (generation < world.storedGeneration) operation.outcome = 'fail';
    else world.storedGeneration = generation;
  };
  return { operation, effects: [store] };
};

const start = (world: World, client: Client): Call => {
  const dice = world.random();
  if (dice < 0.5) return startSend(world, client);
  if (dice < 0.8 && client.positions.size > 0) return startPoll(world, client);
  if (dice < 0.86) return startAssign(world, client);
  if (dice < 0.93) return startLook(world, client);
  if (dice < 0.94) return startDeletion(world, client);
  return startCommit(world, client);
};

/** What nobody was told must not stand in the history. */
const forget = (operation: Operation): void => {
  operation.outcome = 'info';
  if (operation.kind === 'send') {
    delete operation.offset;
    delete operation.logStart;
    delete operation.logEnd;
  } else if (operation.kind === 'delete-records') delete operation.logStart;
  else if (operation.kind === 'list-offsets') operation.partitions = [];
  else if (operation.kind === 'poll') operation.reads = [];
};

/** Nobody waits any longer: what is left happens later, or never. */
const abandon = (world: World, { operation, effects }: Call): void => {
  const heard = structuredClone(operation);
  forget(heard);
  heard.completedAt = world.now;
  world.operations.push(heard);
  if (chance(world, 0.7)) world.late.push(...effects);
};

const settle = (world: World, client: Client, { operation }: Call): void => {
  operation.completedAt = world.now;
  world.operations.push(operation);
  if (operation.kind !== 'poll') return;
  if (operation.outcome === 'fail') client.positions.clear();
  for (const { partition, records } of operation.reads) {
    const last = records.at(-1);
    if (last) client.positions.set(partition, last[0] + 1);
  }
};

const crash = (world: World, client: Client): void => {
  if (client.call) abandon(world, client.call);
  client.call = undefined;
  world.operations.push({ ...asked(world, client.name), kind: 'crash' });
  client.positions.clear();
  client.name = `${client.name}'`;
};

/** One thing happens to one client. */
const turn = (world: World, client: Client): void => {
  world.now += 1;
  const { call } = client;
  if (chance(world, 0.002)) crash(world, client);
  else if (!call) client.call = start(world, client);
  else if (chance(world, 0.03)) {
    abandon(world, call);
    client.call = undefined;
  } else if (call.operation.kind === 'send' && chance(world, 0.02)) {
    // Refused before anything of it happened, unless it has.
    if (call.operation.offset === undefined && call.operation.logEnd === undefined) {
      call.operation.outcome = 'fail';
      call.effects.length = 0;
    }
  } else if (call.effects.length > 0) call.effects.shift()!();
  else {
    settle(world, client, call);
    client.call = undefined;
  }
};

const readEverything = (world: World, log: Log): void => {
  for (let from = log.start; ; ) {
    const records = log.records
      .slice(from, from + 10)
      .map(({ value, epoch }, index): [number, string, number] => [from + index, value, epoch]);
    const told = { logStart: log.start, logEnd: log.records.length };
    const read = { partition: log.name, from, records, ...told };
    world.operations.push({ ...asked(world, 'final'), kind: 'poll', final: true, reads: [read] });
    from += records.length;
    if (from === log.records.length) return;
  }
};

/** A history of about `size` operations, in which all is well. */
export const correctHistory = (seed: number, size: number): History => {
  const world: World = {
    random: seeded(seed),
    logs: PARTITIONS.map((name) => ({ name, records: [], start: 0, epoch: 1 })),
    operations: [],
    late: [],
    now: 0,
    values: 0,
    generation: 1,
    storedGeneration: 0,
  };
  const clients: Client[] = Array.from({ length: 2 + below(world, 6) }, (_, index) => ({
    name: `c${index}`,
    producer: PRODUCERS[index % PRODUCERS.length]!,
    positions: new Map(),
    call: undefined,
  }));
  while (world.operations.length < size) {
    turn(world, pick(world, clients));
    if (world.late.length > 0 && chance(world, 0.2)) {
      world.late.splice(below(world, world.late.length), 1)[0]!();
    }
    if (chance(world, 0.01)) pick(world, world.logs).epoch += 1;
  }
  for (const client of clients) crash(world, client);
  for (const log of world.logs) readEverything(world, log);
  world.operations.sort((a, b) => a.invokedAt - b.invokedAt);
  return { operations: world.operations };
};
