// The TypeScript client, version 2, in both eras, against a server with every kind of type.

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

import { connected, era, rest, run, target, transport } from './report.mjs';
import { checks, order } from './types.mjs';

const asked = [];
const client = new Client(
  { name: 'interop', version: '1.0.0' },
  {
    capabilities: { elicitation: {} },
    versionNegotiation: { mode: era === 'modern' ? { pin: '2026-07-28' } : 'legacy' },
  },
);
client.modern = era === 'modern';
client.setRequestHandler('elicitation/create', async (request) => {
  asked.push(request.params);
  return { action: 'accept', content: order };
});
const wire =
  transport === 'stdio'
    ? new StdioClientTransport({ command: target, args: rest, stderr: 'inherit' })
    : new StreamableHTTPClientTransport(new URL(target));
await connected(client.connect(wire));
await run(checks({ client, asked, call: (name, args) => client.callTool({ name, arguments: args }) }));
await client.close();
process.exit(0);
