// Runs the checks of one client one after the other and prints one JSON line for each.

const LIMIT_MS = 20_000;

/** Where the server is, from the arguments: transport, era, then a URL or a command. */
export const [transport, era, target, ...rest] = process.argv.slice(2);

/** Throws with a readable reason. */
export function assert(condition, reason) {
  if (!condition) throw new Error(reason);
}

/** The first text of a tool's result. */
export function text(result) {
  return result?.content?.find((part) => part.type === 'text')?.text ?? '';
}

/** A promise and the function that resolves it. */
export function gate() {
  let open;
  const opened = new Promise((resolve) => (open = resolve));
  return { open, opened };
}

/** Ends a wait that would never end. */
export function within(ms, promise, what) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms} ms`)), ms);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}

/** Waits a little: only for what no event tells, such as a message that must not come. */
export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Ends the script with one readable line when there is no connection to check anything on. */
export async function connected(connecting) {
  try {
    await within(LIMIT_MS, connecting, 'the connection');
  } catch (error) {
    console.log(JSON.stringify({ check: 'connect', ok: false, note: String(error?.message ?? error) }));
    process.exit(1);
  }
}

/** Runs `{ name: async () => … }` in order; a check that throws has failed, those after it still run. */
export async function run(checks) {
  for (const [check, body] of Object.entries(checks)) {
    const line = await within(LIMIT_MS, body(), check).then(
      () => ({ check, ok: true }),
      (error) => ({ check, ok: false, note: String(error?.message ?? error) }),
    );
    console.log(JSON.stringify(line));
  }
}
