/** Requests that HTTP alone can say wrongly; each is refused as INVALID_REQUEST and changes nothing. */
import { json, type Request } from '../local/surfaces.ts';

const post = (path: string, body: unknown): Request => ({ method: 'POST', path, ...json(body) });
const text = (path: string, type: string, body: string): Request => ({
  method: 'POST',
  path,
  headers: { 'content-type': type },
  body,
});

const RECORDS = '/topics/orders/records';
const FETCH = '/topics/orders/fetch';
const PARTITION = '/topics/orders/partitions/0/records';

export const MALFORMED: readonly Request[] = [
  // Nothing there, or nothing of that method.
  { method: 'GET', path: '/nothing' },
  { method: 'PUT', path: '/topics' },
  // Not JSON, or not of that shape.
  text('/topics', 'application/json', '{"name":'),
  text('/topics', 'text/plain', '{"name":"orders"}'),
  post('/topics', ['orders']),
  post('/topics', { name: 7 }),
  post('/topics', { name: 'orders', partitions: '3' }),
  post('/topics', { name: 'orders', partitions: 1.5 }),
  post('/topics', { name: 'orders', replicas: 3 }),
  post('/topics', { name: 'orders', configs: { 'max.message.bytes': null } }),
  post(RECORDS, { records: [] }),
  post(RECORDS, { records: [{ key: 'a' }] }),
  post(RECORDS, { records: [{ value: 7 }] }),
  post(RECORDS, { records: [{ value: { base64: 'a' } }] }),
  post(RECORDS, { records: [{ value: 'fine' }, { value: 'x', timestamp: -5 }] }),
  post(RECORDS, { records: [{ value: 'fine' }, { value: 'x', partition: -1 }] }),
  post(RECORDS, { records: [{ value: 'fine' }, { value: 'x', headers: 'none' }] }),
  text(RECORDS, 'application/x-ndjson', '{"value":"fine"}\n{"value":}\n'),
  text(RECORDS, 'application/x-ndjson', '\n\n'),
  text(RECORDS, 'application/xml', '<record/>'),
  text(RECORDS, 'application/vnd.stratalog.batches', '\0\0'),
  post(FETCH, { partitions: [] }),
  post(FETCH, { partitions: [{ partition: 0, offset: -1 }] }),
  post(FETCH, { partitions: [{ partition: 0, offset: 'end' }] }),
  post(FETCH, { partitions: [{ partition: 0, offset: 0 }], maxWaitMs: -1 }),
  // Queries.
  { method: 'GET', path: '/topics', query: 'limit=0' },
  { method: 'GET', path: '/topics', query: 'limit=1&order=desc' },
  { method: 'GET', path: PARTITION, query: 'offset=-1' },
  { method: 'GET', path: PARTITION, query: 'offset=1e3' },
  { method: 'GET', path: '/topics/orders/partitions/one/records' },
  { ...post(RECORDS, { records: [{ value: 'x' }] }), query: 'partition=-1' },
];
