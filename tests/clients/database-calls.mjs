// Calls of the `database` example, as agents make them: most succeed, some find nothing, some fail.

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};
const TYPES = { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream' };

let ids = 0;

/** Calls a tool, as part of a trace if there is one, and returns its result. */
export async function call(url, name, args, traceparent) {
  const params = { name, arguments: args, _meta: { ...META, traceparent } };
  const answer = await fetch(url, {
    method: 'POST',
    headers: { ...TYPES, 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'tools/call', 'Mcp-Name': name },
    body: JSON.stringify({ jsonrpc: '2.0', id: ++ids, method: 'tools/call', params }),
  });
  const text = await answer.text();
  const event = text.split('\n').findLast((line) => line.startsWith('data: '));
  return JSON.parse(event ? event.slice(6) : text).result;
}

/** Opens a session of the older era and returns its id. */
export async function session(url, name, version) {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name, version } };
  const answer = await fetch(url, {
    method: 'POST',
    headers: TYPES,
    body: JSON.stringify({ jsonrpc: '2.0', id: ++ids, method: 'initialize', params }),
  });
  await answer.text();
  return answer.headers.get('mcp-session-id');
}

/** A query that finds nothing. */
export const NOTHING = { sql: 'SELECT 1 AS one FROM strike WHERE cost_repair > 99999999999' };
/** A query that is wrong. */
export const WRONG = { sql: 'SELECT * FROM strikes' };

const COUNTING = (to) =>
  `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${to}) SELECT count(*) AS n FROM n`;
const pick = (...choices) => choices[Math.floor(Math.random() * choices.length)];

// How often, which tool, with what.
const MIX = [
  [7, 'list_tables', () => ({})],
  [12, 'describe_table', () => ({ tables: [pick('strike', 'airport', 'route', 'species')] })],
  [8, 'search_catalogue', () => ({ words: pick('speed', 'damage', 'species', 'airport') })],
  [3, 'search_catalogue', () => ({ words: pick('invoice', 'customer') })],
  [16, 'query', () => ({ sql: 'SELECT species, count(*) AS n FROM strike_report GROUP BY species ORDER BY n DESC', limit: 10 })],
  [10, 'query', () => ({ sql: 'SELECT * FROM airport', limit: 100 })],
  [14, 'query', () => ({ sql: COUNTING(20_000 + Math.floor(Math.random() * 250_000)) })],
  [4, 'query', () => NOTHING],
  [2.5, 'query', () => WRONG],
  [0.6, 'query', () => ({ sql: 'DELETE FROM strike' })],
];
const ALL = MIX.reduce((sum, [often]) => sum + often, 0);

const hex = (count) => Array.from({ length: count }, () => Math.floor(Math.random() * 16).toString(16)).join('');

/** One call out of the mix, by an agent that traces its run. */
export function any(url) {
  let at = Math.random() * ALL;
  const [, name, args] = MIX.find(([often]) => (at -= often) < 0) ?? MIX[0];
  return call(url, name, args(), `00-${hex(32)}-${hex(16)}-01`);
}
