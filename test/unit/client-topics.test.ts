/** Names that no topic can have are refused before anything is sent. */
import { expect, it } from 'vitest';
import { topicPath } from '../../lib/client/call.ts';
import { connectionOver } from '../../lib/client/connection.ts';
import { topicsClient } from '../../lib/client/topics.ts';

it.each(['', '.', '..', 'a/b', 'a b', 'ü'])('sends nothing for the name "%s"', async (name) => {
  let sent = 0;
  const transport = () => {
    sent += 1;
    return Promise.reject(new Error('sent'));
  };
  const client = topicsClient(connectionOver(transport));
  const refusal = expect.objectContaining({ code: 'INVALID_TOPIC_EXCEPTION' });
  await expect(client.describeTopic(name)).rejects.toEqual(refusal);
  await expect(client.deleteTopic(name)).rejects.toEqual(refusal);
  expect(sent).toBe(0);
});

it('writes a legal name as it is', () => {
  expect(topicPath('a.b_c-1')).toBe('/topics/a.b_c-1');
});
