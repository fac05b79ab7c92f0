/** One box office: sells seats of a show, one after the other, until there are none. */
import { Stratalog, StratalogError } from 'stratalog';
import { openAggregate } from './aggregate.ts';
import { announce, evolve, NO_SHOW, sellTo } from './box-office.ts';

const [show = 'hamlet', office = `office ${process.pid}`] = process.argv.slice(2);
const SEATS = 60;

const log = new Stratalog({
  endpoint: process.env.STRATALOG_ENDPOINT ?? 'http://127.0.0.1:8080',
});
try {
  await log.admin().createTopic({ name: show, partitions: 1 });
} catch (error) {
  // Another office has opened the show.
  if (!(error instanceof StratalogError && error.code === 'TOPIC_ALREADY_EXISTS')) throw error;
}

const hall = openAggregate(log, show, 0, NO_SHOW, evolve);
await hall.execute(announce(SEATS));
let sold = 0;
while ((await hall.execute(sellTo(office))).length > 0) sold += 1;
console.log(
  `${office} sold ${sold} of ${SEATS} seats; somebody else was faster ${hall.conflicts} times`,
);
await hall.close();
