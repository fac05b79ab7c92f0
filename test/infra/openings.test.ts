/** Grants as routes: what each opens, and that its `*` stand for nothing else. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Lazy } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import {
  adminOpenings,
  consumerOpenings,
  type Opening,
  producerOpenings,
} from '../../infra/grants.ts';
import { ROUTES } from '../../lib/http/routes.ts';
import { matches } from './iam.ts';
import { GROUP, GROUP_SEGMENT, POSSIBLE_REQUESTS, TOPIC } from './requests.ts';

const shown = (openings: readonly Opening[]): readonly string[] =>
  openings.map(({ method, path }) => `${method} ${path}`).sort();

describe('a producer', () => {
  it('is let to its topic, and to the ids of producers', () => {
    expect(shown(producerOpenings(TOPIC))).toEqual([
      'GET /topics/orders',
      'GET /topics/orders/offsets',
      'POST /producers',
      'POST /topics/orders/records',
    ]);
  });
});

describe('a consumer', () => {
  const ofTopic = [
    'GET /topics/orders',
    'GET /topics/orders/offsets',
    'GET /topics/orders/partitions/*/records',
    'POST /topics/orders/fetch',
  ];

  it('is let to its topic and to its group, which is written as in a path', () => {
    const ofGroup = [
      `GET /groups/${GROUP_SEGMENT}/offsets`,
      `POST /groups/${GROUP_SEGMENT}/offsets`,
    ];
    expect(shown(consumerOpenings(TOPIC, GROUP))).toEqual([...ofTopic, ...ofGroup].sort());
  });

  it('needs no group', () => {
    expect(shown(consumerOpenings(TOPIC))).toEqual(ofTopic);
  });
});

describe('docs/topics-and-grants.md', () => {
  const page = readFileSync(
    resolve(import.meta.dirname, '../../docs/topics-and-grants.md'),
    'utf8',
  );

  it.each([
    ['orders.grantProduce(x)', producerOpenings('orders')],
    ["orders.grantConsume(x, 'billing')", consumerOpenings('orders', 'billing')],
  ])('lists what %s opens', (grant, openings) => {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${grant}\` |`))!;
    const listed = [...row.matchAll(/`([A-Z]+ \/[^`]+)`/g)].map(([, opening]) => opening!);
    expect(listed.sort()).toEqual(shown(openings));
  });
});

describe('an admin', () => {
  it.each(ROUTES)('is let to $name', ({ method, path }) => {
    const opened = adminOpenings().filter((one) => one.method === method);
    const asked = path.replaceAll(/\{\w+\}/g, 'x');
    expect(opened.some((one) => matches(one.path, asked))).toBe(true);
  });

  it('is let to nothing that is no route', () => {
    for (const { method, path } of adminOpenings()) {
      const begins = path.replace(/\*.*$/, '');
      const routes = ROUTES.filter((route) => route.method === method);
      expect(routes.some((route) => route.path.startsWith(begins))).toBe(true);
    }
    expect(adminOpenings().some(({ path }) => path === '/*')).toBe(false);
  });
});

describe('a * in a path', () => {
  const withStar = [...producerOpenings(TOPIC), ...consumerOpenings(TOPIC, GROUP)].filter(
    ({ path }) => path.includes('*'),
  );

  it('is there for partitions only', () => {
    expect(shown(withStar)).toEqual(['GET /topics/orders/partitions/*/records']);
  });

  /** Each `/` of a request then stands for one of the pattern, so that no name can hold one. */
  it.each(withStar)(
    'crosses no /, as no route of its method is longer: $path',
    ({ method, path }) => {
      const lengths = ROUTES.filter((route) => route.method === method).map(
        (route) => route.path.split('/').length,
      );
      expect(Math.max(...lengths)).toBe(path.split('/').length);
    },
  );

  it('matches the requests it is meant for, and no other', () => {
    for (const { route, path, topic } of POSSIBLE_REQUESTS) {
      const isOpen = withStar.some(
        (opening) => opening.method === route.method && matches(opening.path, path),
      );
      expect(isOpen, `${route.method} ${path}`).toBe(
        route.name === 'fetchPartition' && topic === TOPIC,
      );
    }
  });
});

describe('a name', () => {
  const later = Lazy.string({ produce: () => 'orders' });

  it.each([
    ['or*ers', /has a character other than/],
    ['..', /must not be/],
    ['', /is empty/],
    [later, /known only when the stack is deployed.*Write it out/],
  ])('of a topic that a policy cannot be made of is refused: %j', (name, says) => {
    expect(() => producerOpenings(name)).toThrow(says);
    expect(() => consumerOpenings(name, 'g')).toThrow(says);
  });

  it.each([
    ['', /is empty/],
    ['a\nb', /control character/],
    [later, /name of the group is known only when/],
  ])('of a group likewise: %j', (group, says) => {
    expect(() => consumerOpenings(TOPIC, group)).toThrow(says);
  });
});
