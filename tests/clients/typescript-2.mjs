// The TypeScript client, version 2, in both eras.

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

import { checks, tap } from './checks.mjs';
import { connected, era, rest, run, target, transport } from './report.mjs';

const asked = [];
const updates = new Map();

const client = new Client(
  { name: 'interop', version: '1.0.0' },
  {
    capabilities: { elicitation: {} },
    versionNegotiation: { mode: era === 'modern' ? { pin: '2026-07-28' } : 'legacy' },
  },
);
client.setRequestHandler('elicitation/create', async (request) => {
  asked.push(request.params);
  return { action: 'accept', content: { username: 'ada', email: 'ada@example.org' } };
});
client.setNotificationHandler('notifications/resources/updated', (notification) => {
  updates.get(notification.params.uri)?.(notification.params.uri);
});

const wire =
  transport === 'stdio'
    ? new StdioClientTransport({ command: target, args: rest, stderr: 'inherit' })
    : new StreamableHTTPClientTransport(new URL(target));
const { seen, sent } = tap(wire);
await connected(client.connect(wire));

await run(
  checks({
    client,
    seen,
    sent,
    asked,
    call: (name, args, options) => client.callTool({ name, arguments: args }, options),
    async subscribe(uri, onUpdate) {
      updates.set(uri, onUpdate);
      if (era === 'modern') {
        const subscription = await client.listen({ resourceSubscriptions: [uri] });
        return () => subscription.close();
      }
      await client.subscribeResource({ uri });
      return () => client.unsubscribeResource({ uri });
    },
  }),
);
await client.close();
process.exit(0);
