// The TypeScript SDK, version 1: stdio, streamable HTTP, and HTTP with SSE of 2024-11-05.

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema, ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';

import { checks, tap } from './checks.mjs';
import { connected, rest, run, target, transport } from './report.mjs';

const asked = [];
const updates = new Map();

const client = new Client({ name: 'interop', version: '1.0.0' }, { capabilities: { elicitation: {} } });
client.setRequestHandler(ElicitRequestSchema, async (request) => {
  asked.push(request.params);
  return { action: 'accept', content: { username: 'ada', email: 'ada@example.org' } };
});
client.setNotificationHandler(ResourceUpdatedNotificationSchema, (notification) => {
  updates.get(notification.params.uri)?.(notification.params.uri);
});

const wires = {
  stdio: () => new StdioClientTransport({ command: target, args: rest, stderr: 'inherit' }),
  http: () => new StreamableHTTPClientTransport(new URL(target)),
  sse: () => new SSEClientTransport(new URL(target)),
};
const wire = wires[transport]();
const { seen, sent } = tap(wire);
await connected(client.connect(wire));

await run(
  checks({
    client,
    seen,
    sent,
    asked,
    call: (name, args, options) => client.callTool({ name, arguments: args }, undefined, options),
    async subscribe(uri, onUpdate) {
      updates.set(uri, onUpdate);
      await client.subscribeResource({ uri });
      return () => client.unsubscribeResource({ uri });
    },
  }),
);
await client.close();
process.exit(0);
