import type { Cannot } from '../contract/engine.ts';
import { startMinistack } from '../engines/ministack.ts';
import { describeAws } from './aws.ts';

/** What of DynamoDB it cannot do. */
const items: readonly Cannot[] = [
  { reason: 'gives numbers and booleans a size', tests: ['knows what has no size'] },
  {
    reason: 'evaluates the second operand of if_not_exists only when it is needed',
    tests: ['changes: copyIfAbsent of what is absent, not needed'],
  },
  {
    reason:
      'makes something of changes that make no sense for the value there is, where DynamoDB refuses',
    tests: [
      'changes: add to a string',
      'changes: append to a number',
      'changes: dropFirst of none of no list',
      'changes: dropFirst of no list',
      'changes: dropFirst of nothing',
      'changes: remove in no map',
      'changes: remove in what is absent',
      'changes: one bad change spoils all',
    ],
  },
];

describeAws(
  'MiniStack',
  async () => {
    const { endpoint, region, credentials, close } = await startMinistack();
    return { options: { endpoint, region, credentials }, close: () => close() };
  },
  { cannot: { items } },
);
