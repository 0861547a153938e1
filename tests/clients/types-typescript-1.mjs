// The TypeScript SDK, version 1, against a server with every kind of type.

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';

import { connected, rest, run, target, transport } from './report.mjs';
import { checks, order } from './types.mjs';

const asked = [];
const client = new Client({ name: 'interop', version: '1.0.0' }, { capabilities: { elicitation: {} } });
client.setRequestHandler(ElicitRequestSchema, async (request) => {
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
