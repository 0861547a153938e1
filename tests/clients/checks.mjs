// What both TypeScript clients must show; what differs between them comes in as functions.

import { assert, gate, pause, text, within } from './report.mjs';

const WATCHED = 'test://watched-resource';

/**
 * @param client a connected client
 * @param call (name, arguments, options) => result of the tool
 * @param seen every message that came from the server
 * @param sent every message that went to the server
 * @param asked what the server asked for by elicitation
 * @param subscribe (uri, onUpdate) => function that ends the subscription
 */
export function checks({ client, call, seen, sent, asked, subscribe }) {
  return {
    async list() {
      const { tools } = await client.listTools();
      const names = tools.map((tool) => tool.name);
      for (const name of ['test_simple_text', 'slow', 'test_elicitation']) {
        assert(names.includes(name), `tools/list lacks ${name}: ${names}`);
      }
      assert(tools.every((tool) => tool.inputSchema.type === 'object'), 'a tool has no schema');
      const { resources } = await client.listResources();
      assert(resources.some((resource) => resource.uri === WATCHED), 'resources/list lacks the watched resource');
      const { prompts } = await client.listPrompts();
      assert(prompts.length > 0, 'prompts/list is empty');
    },

    async call() {
      const result = await call('test_simple_text', {});
      assert(!result.isError, 'a plain call is an error');
      assert(text(result) === 'This is a simple text response for testing.', `unexpected text: ${text(result)}`);
    },

    async validation() {
      const result = await call('slow', { ms: 'soon' });
      assert(result.isError === true, 'a bad argument is not a tool error');
      assert(text(result).includes('ms'), `the error does not name the argument: ${text(result)}`);
    },

    async elicit() {
      const result = await call('test_elicitation', { message: 'Who are you?' });
      assert(asked.length === 1, `the client was asked ${asked.length} times`);
      assert(asked[0].message === 'Who are you?', `asked: ${JSON.stringify(asked[0])}`);
      assert(!result.isError && text(result).includes('ada'), `the answer did not arrive: ${text(result)}`);
    },

    async progress() {
      const steps = [];
      const result = await call('test_tool_with_progress', {}, { onprogress: (step) => steps.push(step.progress) });
      assert(!result.isError, 'the call is an error');
      const told = seen.filter((message) => message.method === 'notifications/progress');
      const wire = told.map((message) => message.params.progress);
      assert(wire.length >= 3, `only ${wire.length} steps came`);
      assert(wire.every((step, at) => at === 0 || step >= wire[at - 1]), `not in order: ${wire}`);
      // The client forgets its listener as soon as it reads the answer, so it may miss a step in the same read.
      assert(steps.length >= wire.length - 1, `only ${steps.length} of ${wire.length} steps were told`);
    },

    async cancel() {
      const stop = new AbortController();
      const before = sent.length;
      const ended = call('slow', { ms: 1500 }, { signal: stop.signal }).then(() => 'answered', () => 'cancelled');
      await pause(200);
      const request = sent.slice(before).find((message) => message.method === 'tools/call');
      assert(request, 'the call was never sent');
      stop.abort();
      assert((await ended) === 'cancelled', 'the call was answered in spite of its cancellation');
      // Longer than the cancelled call would have taken: an answer to it would come in this time.
      const later = await call('slow', { ms: 1700 });
      assert(!later.isError, `the next call fails: ${text(later)}`);
      assert(!seen.some((message) => message.id === request.id && 'result' in message), 'an answer came all the same');
    },

    async subscribe() {
      const updated = gate();
      const unsubscribe = await subscribe(WATCHED, updated.open);
      // The stream for messages may open after the subscription is confirmed, so the resource is touched again.
      const touching = (async () => {
        for (let round = 0; round < 10 && !updated.done; round += 1) {
          await call('touch_watched_resource', {});
          await Promise.race([updated.opened.then(() => (updated.done = true)), pause(500)]);
        }
      })();
      const uri = await within(8000, updated.opened, 'an update');
      await touching;
      assert(uri === WATCHED, `an update of ${uri} came`);
      await unsubscribe();
    },
  };
}

/** Remembers every message that a transport carries, both ways. */
export function tap(transport) {
  const seen = [];
  const sent = [];
  const send = transport.send.bind(transport);
  transport.send = (message, ...more) => {
    sent.push(...[message].flat());
    return send(message, ...more);
  };
  let inner;
  Object.defineProperty(transport, 'onmessage', {
    get: () => inner && ((message, ...more) => (seen.push(message), inner(message, ...more))),
    set: (handler) => (inner = handler),
  });
  return { seen, sent };
}
