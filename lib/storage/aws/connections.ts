/**
 * Connections to AWS that are kept between calls, and how long they are believed.
 *
 *   Lambda     call ──answer   │ frozen │   call ─► a kept connection ─► reset, or nothing at all
 *   the way    open ───────────┼─ given up: idle for long (a NAT gateway: 350 s)
 *
 * A process that is frozen sees no connection end, and its timers stand still. So before each call those are let go that
 * were idle for long by the wall clock; and when one that was kept turns out dead all others that are idle go with it,
 * or each attempt would meet the next of them until there is no time left.
 */
import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import { AWS_IDLE_CONNECTION_MS, MAX_AWS_SOCKETS } from '../../model/limits.ts';
import { type Runtime, systemRuntime } from '../../model/runtime.ts';

/** What a client keeps its connections in. */
export interface Connections {
  readonly httpAgent: Agent;
  readonly httpsAgent: TlsAgent;
  /** To be called before each call. */
  forgetStale(): void;
}

export const keptConnections = (clock: Pick<Runtime, 'now'> = systemRuntime): Connections => {
  const options = { keepAlive: true, maxSockets: MAX_AWS_SOCKETS };
  const agents = [new Agent(options), new TlsAgent(options)] as const;
  const idleSince = new WeakMap<Duplex, number>();

  const forgetIdle = (agent: Agent, beforeMs: number): void => {
    for (const socket of Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? [])) {
      if ((idleSince.get(socket) ?? 0) < beforeMs) socket.destroy();
    }
  };
  for (const agent of agents) {
    agent.on('free', (socket: Duplex) => {
      if (!idleSince.has(socket)) socket.on('error', () => forgetIdle(agent, Infinity));
      idleSince.set(socket, clock.now());
    });
  }
  const [httpAgent, httpsAgent] = agents;
  return {
    httpAgent,
    httpsAgent,
    forgetStale: () => {
      for (const agent of agents) forgetIdle(agent, clock.now() - AWS_IDLE_CONNECTION_MS);
    },
  };
};
