/**
 * Schemathesis against the service: `npm run test:schemathesis -- [--seconds 90] [--seed N]`.
 *
 * It reads `/openapi.json` and sends what the document allows and what it does not, to a service in
 * memory. No answer may be a 5xx, or be other than the document says; bad input must be refused and good
 * input taken. What is not checked is told in `schemathesis.toml`, with the reason.
 *
 *   venv (kept in the cache directory) → `stratalog dev --in-memory` → a topic → three runs
 *
 * The first is about the topic that there is, the second about any; the third has what would spoil
 * the others: deleting the topic, and growing it to 10,000 partitions.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const here = import.meta.dirname;
const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '90' }, seed: { type: 'string' } },
});
const seconds = Number(values.seconds);
const HOOKS = join(here, 'hooks.py');

/** Put before the configuration: parameters that are always the same. Nobody waits for records. */
const PARAMETERS_OF_TOPIC = `[parameters]
"path.topic" = "orders"
"path.partition" = 0
"query.maxWaitMs" = 0

`;

/** All findings at once; hints about what was rarely accepted are for those who change the document. */
const REPORTING = ['--continue-on-failure', '--warnings', 'off'];

const run = (command: string, args: readonly string[], cwd?: string): void => {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', SCHEMATHESIS_HOOKS: HOOKS };
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', cwd, env });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args[0]} ended with ${status}`);
};

/** The program, installed when it is not there yet. */
const schemathesis = (): string => {
  const requirements = join(here, 'requirements.txt');
  const pinned = readFileSync(requirements, 'utf8').trim().replace('==', '-');
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const venv = join(cache, 'stratalog', pinned);
  const program = join(venv, 'bin', 'schemathesis');
  if (!existsSync(program)) {
    mkdirSync(venv, { recursive: true });
    run('python3', ['-m', 'venv', venv]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    run(join(venv, 'bin', 'python'), [...pip, '-r', requirements]);
  }
  return program;
};

const program = schemathesis();
const scratch = mkdtempSync(join(tmpdir(), 'stratalog-fuzz-'));
const dev = ['lib/cli/main.ts', 'dev', '--in-memory', '--http-port', '0', '--json'];
const service = spawn(process.execPath, dev, { stdio: ['ignore', 'pipe', 'inherit'] });
const ended = once(service, 'exit');
try {
  const [line] = await once(service.stdout.setEncoding('utf8'), 'data');
  const { url } = JSON.parse(line) as { url: string };
  await fetch(`${url}/topics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'orders', partitions: 3 }),
  });
  const config = readFileSync(join(here, 'schemathesis.toml'), 'utf8');
  const pinned = join(scratch, 'pinned.toml');
  writeFileSync(pinned, `${PARAMETERS_OF_TOPIC}${config}`);
  const anyTopic = join(here, 'schemathesis.toml');
  const spoiling = ['deleteTopic', 'addPartitions'];
  const filtered = (filter: string) => spoiling.flatMap((name) => [filter, name]);
  const runs = [
    { share: 0.5, file: pinned, which: filtered('--exclude-operation-id') },
    { share: 0.35, file: anyTopic, which: filtered('--exclude-operation-id') },
    { share: 0.15, file: anyTopic, which: filtered('--include-operation-id') },
  ];
  const seed = values.seed === undefined ? [] : ['--seed', values.seed];
  for (const { share, file, which } of runs) {
    const target = ['run', `${url}/openapi.json`, '--url', url, ...seed, ...which];
    const bounds = ['--max-time', String(Math.ceil(seconds * share)), '--request-timeout', '30'];
    run(program, ['--config-file', file, ...target, ...bounds, ...REPORTING], scratch);
  }
  if (service.exitCode !== null) throw new Error(`the service ended with ${service.exitCode}`);
} finally {
  service.kill('SIGTERM');
  await ended;
  rmSync(scratch, { recursive: true, force: true });
}
