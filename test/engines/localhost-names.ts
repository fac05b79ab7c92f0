/**
 * Imported before a program (`node --import`): names below `.localhost` are this machine (RFC 6761).
 *
 * The address of an emulated API is `<id>.execute-api.localhost`, and not every system's resolver knows
 * such names. Node asks `dns.lookup` at each connection, for `fetch` as for everything else.
 */
import dns from 'node:dns';

const lookup = dns.lookup as (name: string, ...rest: readonly unknown[]) => void;

dns.lookup = Object.assign(
  (name: string, ...rest: readonly unknown[]) =>
    lookup(name.endsWith('.localhost') ? '127.0.0.1' : name, ...rest),
  dns.lookup,
) as typeof dns.lookup;
