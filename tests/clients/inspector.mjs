// The Inspector's command line: each check is one process that makes one request.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { assert, era, rest, run, target, text, transport } from './report.mjs';

const script = fileURLToPath(
  new URL('./node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js', import.meta.url),
);
// It keeps a catalogue in the home folder, which is not ours to touch.
const home = mkdtempSync(join(tmpdir(), 'inspector-'));

/** Makes one request and returns its result. A tool error ends the process with an error, so that is not looked at. */
function inspect(...request) {
  const where = transport === 'stdio' ? [target, ...rest] : ['--transport', 'http', '--server-url', target];
  const common = ['--cli', '--protocol-era', era, '--format', 'json', '--quiet'];
  // A server's own flags come last and behind `--`, or the Inspector would take them for its own.
  const args = transport === 'stdio' ? [...common, ...request, '--', ...where] : [...common, ...where, ...request];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], {
      env: { ...process.env, HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let errors = '';
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (errors += data));
    child.on('error', reject);
    child.on('close', () => {
      try {
        const answer = JSON.parse(out);
        resolve(answer.result ?? answer);
      } catch {
        reject(new Error(`no JSON came: ${out} ${errors}`));
      }
    });
  });
}

await run({
  async list() {
    const { tools } = await inspect('--method', 'tools/list');
    assert(tools.some((tool) => tool.name === 'test_simple_text'), 'tools/list lacks test_simple_text');
  },
  async call() {
    const result = await inspect('--method', 'tools/call', '--tool-name', 'test_simple_text');
    assert(text(result) === 'This is a simple text response for testing.', JSON.stringify(result));
  },
  async validation() {
    const call = ['--method', 'tools/call', '--tool-name', 'slow'];
    const result = await inspect(...call, '--tool-args-json', '{"ms":"soon"}');
    assert(result.isError === true && text(result).includes('ms'), JSON.stringify(result));
  },
  async resource() {
    const result = await inspect('--method', 'resources/read', '--uri', 'test://static-text');
    assert(result.contents?.[0]?.text, JSON.stringify(result));
  },
  async prompt() {
    const result = await inspect('--method', 'prompts/get', '--prompt-name', 'test_simple_prompt');
    assert(result.messages?.length === 1, JSON.stringify(result));
  },
});
rmSync(home, { recursive: true, force: true });
process.exit(0);
