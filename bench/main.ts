/**
 * What is measured, as one JSON document: `npm run bench`, or some sections of it: `npm run bench -- codec log`.
 *
 * The document goes to standard output, progress to standard error, so that
 * `npm run --silent bench > bench.json` keeps the numbers. Numbers from one machine say nothing about
 * another: the document names the machine.
 */
import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os';
import { systemRuntime } from '../lib/model/runtime.ts';

/** Section → how to measure it. A section is loaded when it is asked for. */
const SECTIONS: Readonly<Record<string, () => unknown>> = {
  codec: async () => (await import('./codec.ts')).benchCodec(),
  storage: async () => (await import('./storage.ts')).benchStorage(),
  log: async () => (await import('./log.ts')).benchLog(),
  http: async () => (await import('./http.ts')).benchHttp(),
  sdk: async () => (await import('./sdk.ts')).benchSdk(),
  signing: async () => (await import('./signing.ts')).benchSigning(),
};

const machine = () => ({
  cores: availableParallelism(),
  cpu: cpus()[0]?.model ?? 'unknown',
  memoryBytes: totalmem(),
  platform: platform(),
  arch: arch(),
  node: process.version,
});

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !(name in SECTIONS));
if (unknown.length > 0) {
  console.error(
    `There is no section ${unknown.join(', ')}. Sections: ${Object.keys(SECTIONS).join(', ')}.`,
  );
  process.exit(2);
}

const startedAt = new Date(systemRuntime.now()).toISOString();
const results: Record<string, unknown> = {};
for (const [name, measure] of Object.entries(SECTIONS)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  console.error(`measuring ${name} …`);
  const start = systemRuntime.monotonicMs();
  results[name] = await measure();
  console.error(`measured ${name} in ${Math.round(systemRuntime.monotonicMs() - start)} ms`);
}
console.log(JSON.stringify({ machine: machine(), startedAt, ...results }, null, 2));
