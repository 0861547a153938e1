// A picture of the operator page: calls come for a while, faster and slower, and then it is taken.

import { browser } from './browser.mjs';
import { any, session } from './database-calls.mjs';
import { pause } from './report.mjs';

const [path, link, url, file, theme, width, seconds, tool] = process.argv.slice(2);

const chromium = await browser(path);
const context = await chromium.newContext({ colorScheme: theme, viewport: { width: Number(width), height: 880 } });
const page = await context.newPage();
await page.goto(link);
if (tool) {
  await page.getByRole('button', { name: tool }).click();
}

const began = Date.now();
const passed = () => (Date.now() - began) / 1000;
const clients = [['desktop', '1.9.2'], ['inspector', '2.12.0'], ['nightly-report', '0.4.1']];
while (passed() < Number(seconds)) {
  if (clients.length > 0 && passed() > Number(seconds) * (0.2 * (4 - clients.length))) await session(url, ...clients.shift());
  any(url).catch((error) => console.log(String(error)));
  const rate = 6 + 3 * Math.sin(passed() / 23) + 1.5 * Math.sin(passed() / 7);
  await pause((-Math.log(1 - Math.random()) * 1000) / Math.max(1, rate));
}
await pause(2500);
await page.screenshot({ path: file });
await chromium.close();
