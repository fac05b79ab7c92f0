/** What commands do only in a terminal: draw a progress line, ask before they delete, end on Ctrl-C. */
import { open } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAdmin } from '../../../lib/client/admin.ts';
import { type LocalStack, startLocal } from '../../../lib/local/start.ts';
import { openTerminal, type Terminal } from './terminal.ts';

let stack: LocalStack;
let terminal: Terminal;
beforeAll(async () => {
  stack = await startLocal({ httpPort: 0 });
  terminal = await openTerminal(stack.url);
  const admin = createAdmin({ endpoint: stack.url });
  for (const name of ['bar', 'kept', 'tail', 'typed'])
    await admin.createTopic({ name, partitions: 1 });
});
afterAll(async () => {
  await terminal.close();
  await stack.close();
});

it('draws a progress line while it writes a file, and takes it away', async () => {
  await terminal.enter('seq 1 600000 > lines; stratalog produce bar --file lines');
  await terminal.shows(/\d+% \| [\d,]+ records \| [\d,]+\/s \| \S+ left/);
  const after = await terminal.shows(/^600,000 records written to 1 partition of bar/m);
  expect(after).not.toMatch(/%|left/);
});

it('tells how far it is, and on Ctrl-C what was written', async () => {
  // Whoever writes into the pipe stays: Ctrl-C would end a command beside it too, and the input with it.
  const path = terminal.pipe('input');
  await terminal.enter(`stratalog produce bar < ${path}`);
  const input = await open(path, 'w');
  try {
    await terminal.shows(/^0 records/m);
    await input.write('one\ntwo\n');
    await terminal.shows(/^2 records \| \d+\/s/m);
    await terminal.press('C-c');
    await terminal.shows(/^2 records written to 1 partition of bar/m);
    await terminal.shows(/Interrupted; reading stopped after line 2\./);
  } finally {
    await input.close();
  }
  await terminal.enter('echo "code $?"');
  await terminal.shows(/^code 130$/m);
});

it('draws nothing over what is typed, and says how to end it', async () => {
  await terminal.enter('stratalog produce typed');
  await terminal.shows(/^One record a line; Ctrl-D ends\.$/m);
  await terminal.type('first\nsecond');
  const typing = await terminal.shows(/^first\nsecond$/m);
  expect(typing).not.toMatch(/\d\/s/);
  await terminal.press('Enter', 'C-d');
  await terminal.shows(/^2 records written to 1 partition of typed/m);
});

it('asks before it deletes records', async () => {
  await terminal.enter('seq 1 5 | stratalog produce kept');
  await terminal.shows(/5 records written/);
  const command = 'stratalog records delete kept --before 3';
  for (const [answer, keys] of [
    ['no', ['Enter']],
    ['nothing', ['C-c']],
    ['the end', ['C-d']],
  ] as const) {
    await terminal.enter(command);
    await terminal.shows(/Delete\? \[y\/N\]/);
    if (answer === 'no') await terminal.type('n');
    await terminal.press(...keys);
    await terminal.shows(/stratalog: Nothing was deleted\./);
  }
  await terminal.enter(command);
  await terminal.shows(
    /^This deletes 3 records of partition 0 of kept for good\. Delete\? \[y\/N\] ?$/m,
  );
  await terminal.type('y\n');
  await terminal.shows(/^Deleted 3 records of partition 0 of kept\.$/m);
  await terminal.enter('stratalog consume kept');
  await terminal.shows(/^4\n5$/m);
});

it('follows until Ctrl-C, which is success', async () => {
  await terminal.enter(
    'echo first | stratalog produce tail; stratalog consume tail --follow --from-beginning',
  );
  await terminal.shows(/^first$/m);
  await terminal.press('C-c');
  await terminal.shows(/first\n(\^C)?ready>/);
  await terminal.enter('echo "code $?"');
  await terminal.shows(/^code 0$/m);
});
