/** Requests as API Gateway tells them to functions. */
import type { IncomingMessage } from 'node:http';
import { expect, it } from 'vitest';
import { gatewayEventOf } from '../../lib/local/gateway-event.ts';
import { systemRuntime } from '../../lib/model/runtime.ts';

const eventOf = (url: string) =>
  gatewayEventOf(
    {
      method: 'GET',
      url,
      headers: {},
      headersDistinct: { accept: ['a', 'b'], host: ['localhost'] },
      httpVersion: '1.1',
      socket: { remoteAddress: '127.0.0.1' },
    } as unknown as IncomingMessage,
    Buffer.alloc(0),
    systemRuntime,
  );

it('joins what repeats by commas, whatever its name', () => {
  const event = eventOf('/topics?a=1&constructor=x&a=2&__proto__=y&a=%2C');
  expect(event.headers).toEqual({ accept: 'a,b', host: 'localhost' });
  expect(Object.entries(event.queryStringParameters!)).toEqual([
    ['a', '1,2,,'],
    ['constructor', 'x'],
    ['__proto__', 'y'],
  ]);
  expect(event.rawQueryString).toBe('a=1&constructor=x&a=2&__proto__=y&a=%2C');
});

it('tells the route and its parameters', () => {
  const event = eventOf('/topics/orders/partitions/3/records');
  expect(event.routeKey).toBe('GET /topics/{topic}/partitions/{partition}/records');
  expect(event.pathParameters).toEqual({ topic: 'orders', partition: '3' });
  expect(eventOf('/nowhere').routeKey).toBe('$default');
});
