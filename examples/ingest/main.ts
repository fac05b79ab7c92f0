/**
 * Ships the lines of a log file to a topic while the file grows; each line once, whatever happens.
 *
 * How far it came is written nowhere but in the log: each record carries, in a header, the position in
 * the file behind its line. Whoever starts reads the last record, and goes on from there. Records are
 * appended with `expectedEnd`, so that nothing can come between the record that was read and what
 * follows from it: neither another process on the same file nor a request of one that was killed and
 * that turns up late.
 */
import { existsSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import { bytes, Stratalog, StratalogError } from 'stratalog';
import { readLines } from './lines.ts';

/** Of lines in one append; less than a record batch may have. */
const APPEND_BYTES = 256 * 1024;

const [file, topic] = process.argv.slice(2);
if (file === undefined || topic === undefined) {
  console.error('Usage: main.ts <file> <topic>');
  process.exit(2);
}
if (!existsSync(file)) {
  console.error(`There is no file ${file}.`);
  process.exit(1);
}

const log = new Stratalog({
  endpoint: process.env.STRATALOG_ENDPOINT ?? 'http://127.0.0.1:8080',
});
try {
  // One partition: the lines of a file are in order.
  await log.admin().createTopic({ name: topic, partitions: 1 });
} catch (error) {
  if (!(error instanceof StratalogError && error.code === 'TOPIC_ALREADY_EXISTS')) throw error;
}
const producer = log.producer({ value: bytes, compression: 'gzip' });

/** Where the topic ends, and the position in the file that this stands for. */
const whereItEnds = async (): Promise<{ end: number; position: number }> => {
  const reader = log.reader({ topic, from: { last: 1 }, until: 'end', value: bytes });
  for await (const { offset, headers } of reader) {
    const position = Number(headers.position ?? Number.NaN);
    if (Number.isSafeInteger(position)) return { end: offset + 1, position };
    throw new Error(`${topic} has records of others: the last one names no position in a file`);
  }
  return { end: 0, position: 0 };
};

let { end, position } = await whereItEnds();
console.log(`shipping ${file} from byte ${position}`);

/** Ships all whole lines that there are. */
const ship = async (): Promise<void> => {
  for (;;) {
    const lines = await readLines(file, position, APPEND_BYTES);
    const last = lines.at(-1);
    if (last === undefined) return;
    try {
      const messages = lines.map(({ bytes: value, after }) => ({
        value,
        headers: { position: String(after) },
      }));
      await producer.send({ topic, partition: 0, messages, expectedEnd: end });
      end += lines.length;
      position = last.after;
    } catch (error) {
      if (!(error instanceof StratalogError && error.code === 'UNEXPECTED_LOG_END')) throw error;
      // Somebody else has shipped some of them.
      ({ end, position } = await whereItEnds());
    }
  }
};

// A change while lines are shipped is not missed: it waits in `changes`.
const changes = watch(file)[Symbol.asyncIterator]();
for (;;) {
  const change = changes.next();
  await ship();
  await change;
}
