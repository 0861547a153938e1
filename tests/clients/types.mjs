// What both TypeScript clients must show of a server whose tools take and return every kind of type.

import { assert, text } from './report.mjs';

/** The answer to the form that the tool `ask` puts. */
export const order = {
  name: 'ada',
  weight: 1.5,
  gift: false,
  speed: 'fast',
  extras: ['card'],
  id: 'f81d4fae-7dec-41d0-a765-00a0c91e6bf6',
};

/**
 * @param client a connected client
 * @param call (name, arguments) => result of the tool, checked against its output schema by the client
 * @param asked what the server asked for by elicitation
 */
export function checks({ client, call, asked }) {
  return {
    async list() {
      const { tools, nextCursor } = await client.listTools();
      assert(tools.length >= 80, `only ${tools.length} tools came`);
      assert(nextCursor === undefined, 'the list has a second page, which many hosts do not read');
      const isObject = ({ outputSchema }) => outputSchema === undefined || outputSchema.type === 'object';
      assert(client.modern || tools.every(isObject), 'a result is no object');
    },

    async call() {
      const { structuredContent } = await call('samples', {});
      const failed = [];
      for (const { tool, value } of structuredContent.rows) {
        try {
          const result = await call(tool, { value });
          if (result.isError) failed.push(`${tool}: ${text(result)}`);
          else if (result.structuredContent === undefined) failed.push(`${tool}: no data`);
        } catch (error) {
          failed.push(`${tool}: ${error.message}`);
        }
      }
      assert(failed.length === 0, failed.join('\n'));
    },

    async form() {
      const result = await call('ask', {});
      assert(asked.length === 1, `the client was asked ${asked.length} times`);
      assert(!result.isError, text(result));
      const { speed, extras } = asked[0].requestedSchema.properties;
      assert(speed.oneOf?.[0].title === 'By plane, tomorrow.', JSON.stringify(speed));
      assert(extras.items.enum.length === 2, JSON.stringify(extras));
    },
  };
}
