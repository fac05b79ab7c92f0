/** What `stratalog dev` says when it is up: what listens where, where the data is, what to try. */
import { resolve } from 'node:path';
import type { FsyncMode } from './start.ts';

const FSYNC_WORDS: Readonly<Record<FsyncMode, string>> = {
  always: 'every acknowledged record survives a power failure',
  interval: 'synced once a second',
  never: 'synced when the operating system likes',
};

export interface BannerFacts {
  readonly url: string;
  /** Undefined: in memory. */
  readonly dataDir: string | undefined;
  readonly fsync: FsyncMode;
  readonly kafkaPort: number;
  /** How this person calls the CLI. */
  readonly command: string;
}

export const banner = ({ url, dataDir, fsync, kafkaPort, command }: BannerFacts): string => {
  const data =
    dataDir === undefined
      ? 'in memory, gone when this process ends'
      : `${resolve(dataDir)} (fsync ${fsync}: ${FSYNC_WORDS[fsync]})`;
  const isDefault = url === 'http://127.0.0.1:8080';
  const endpoint = isDefault ? '' : ` --endpoint ${url}`;
  return `Stratalog is up.

  HTTP    ${url}
  Docs    ${url}/docs
  Kafka   not there yet; port ${kafkaPort} is kept for it
  Data    ${data}

Try:
  ${command} topics create greetings${endpoint}
  echo hello | ${command} produce greetings${endpoint}
  curl -s '${url}/topics/greetings/partitions/0/records?offset=earliest'

Ctrl-C ends it.`;
};
