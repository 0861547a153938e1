// The operator page in Chromium: what an operator sees and does, one JSON line for each check.

import { join } from 'node:path';

import { browser } from './browser.mjs';
import { NOTHING, WRONG, call, session } from './database-calls.mjs';
import { assert, run } from './report.mjs';

const [path, link, url, unmeasured, folder] = process.argv.slice(2);
const [address, token] = link.split('#token=');
const TOOLS = ['list_tables', 'describe_table', 'search_catalogue', 'query'];

const chromium = await browser(path);
const troubles = [];

/** A new window, which remembers everything that goes wrong in it. */
async function open(options = {}) {
  const context = await chromium.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => troubles.push(`exception: ${error.message}`));
  page.on('console', (message) => {
    // A token that is refused and a network that is away are checks of their own, and the browser tells of both.
    const meant = /status of 401|ERR_INTERNET_DISCONNECTED/.test(message.text());
    if (['error', 'warning'].includes(message.type()) && !meant) troubles.push(`${message.type()}: ${message.text()}`);
  });
  page.on('request', (request) => {
    const away = !request.url().startsWith(address) && !request.url().startsWith('data:');
    if (away && !request.url().startsWith(unmeasured.split('#')[0])) troubles.push(`a request to ${request.url()}`);
    if (request.url().includes(token)) troubles.push('the token is in the address of a request');
  });
  return page;
}

const shown = (page, selector) => page.locator(selector).isVisible();
const row = (page, tool) => page.locator(`#rows tr[data-tool="${tool}"]`);
/** A cell of a tool's row, as text. */
async function cell(page, tool, key) {
  const index = await page.locator(`#columns th[data-key="${key}"]`).evaluate((head) => head.cellIndex);
  return (await row(page, tool).locator('td').nth(index).textContent()).trim();
}
/** Whether the page is wider than its window. */
const spills = (page) => page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
/** The contrast of the text of elements with what is behind them (WCAG 2.2, 1.4.3). */
const contrasts = (page, selectors) =>
  page.evaluate((all) => {
    const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
    const light = (colour) => {
      const part = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
      const [r, g, b] = channels(colour);
      return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    };
    const behind = (node) => {
      const colour = getComputedStyle(node).backgroundColor;
      const seen = channels(colour)[3] ?? 1;
      return seen > 0 || !node.parentElement ? colour : behind(node.parentElement);
    };
    return all.map((selector) => {
      const node = document.querySelector(selector);
      const pair = [light(getComputedStyle(node).color), light(behind(node))].sort((one, other) => other - one);
      return [selector, (pair[0] + 0.05) / (pair[1] + 0.05)];
    });
  }, selectors);

const main = await open();
let told;

await run({
  async door() {
    const page = await open();
    await page.goto(address);
    assert(await shown(page, '#door'), 'without a token there is no form for it');
    assert(!(await shown(page, '#page')), 'the page is shown without a token');
    await page.getByLabel('Admin token').fill('not the token at all');
    await page.keyboard.press('Enter');
    await page.locator('#refused').filter({ hasText: 'this is not the admin token' }).waitFor();
    await page.getByLabel('Admin token').fill(token);
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByRole('heading', { name: 'Database' }).waitFor();
    await page.context().close();
  },
  async link() {
    await main.goto(link);
    await main.getByRole('heading', { name: 'Database' }).waitFor();
    assert(!main.url().includes(token), `the token stays in the address: ${main.url()}`);
    await main.reload();
    await main.locator('#ready').filter({ hasText: 'ready' }).waitFor();
  },
  async quiet() {
    await main.locator('#notices').filter({ hasText: 'No tool has been called yet' }).waitFor();
    for (const tool of TOOLS) assert((await cell(main, tool, 'calls')) === '0', `${tool} was not called`);
    assert((await main.locator('#failures').textContent()).includes('Nothing has failed'), 'there is a failure');
  },
  async rows() {
    for (let i = 0; i < 5; i += 1) await call(url, 'list_tables', {});
    for (let i = 0; i < 3; i += 1) await call(url, 'query', { sql: 'SELECT count(*) AS n FROM strike' });
    for (let i = 0; i < 4; i += 1) await call(url, 'query', NOTHING);
    const failed = await call(url, 'query', WRONG);
    told = { text: failed.content[0].text, id: failed._meta['rs.mcp-server/error'].correlationId };
    await row(main, 'query').getByText('8', { exact: true }).waitFor();
    assert((await cell(main, 'list_tables', 'calls')) === '5', 'the calls of list_tables');
    assert((await cell(main, 'query', 'empty')) === '50 %', `empty: ${await cell(main, 'query', 'empty')}`);
    assert((await cell(main, 'query', 'failed')) === '13 %', `failed: ${await cell(main, 'query', 'failed')}`);
    const slowest = await main.evaluate(async (bearer) => {
      const answer = await fetch('/api/state', { headers: { Authorization: `Bearer ${bearer}` } });
      return (await answer.json()).slowest.query;
    }, token);
    for (const key of ['p50', 'p95', 'p99']) {
      const text = await cell(main, 'query', key);
      assert(/^[<>]? ?[\d.]+ (ms|s)$/.test(text), `${key}: ${text}`);
      const [, number, unit] = /([\d.]+) (ms|s)$/.exec(text);
      // What is shown is rounded.
      assert((number / (unit === 'ms' ? 1000 : 1)) <= slowest * 1.1, `${key}: ${text}, and no call took more than ${slowest} s`);
    }
    assert((await main.locator('#notices').textContent()) === '', 'there are calls now');
  },
  async sorting() {
    const names = () => main.locator('#rows tr').evaluateAll((rows) => rows.map((one) => one.dataset.tool));
    assert((await names())[0] === 'query', 'the most called tool is first');
    const head = main.locator('#columns').getByRole('columnheader', { name: 'Tool' }).first();
    await head.getByRole('button').focus();
    await main.keyboard.press('Enter');
    assert((await head.getAttribute('aria-sort')) === 'ascending', 'the order is told');
    const [up, sorted] = [await names(), [...TOOLS].sort()];
    assert(up.join() === sorted.join(), `${up}`);
    await main.keyboard.press('Enter');
    assert((await names()).join() === sorted.reverse().join(), 'and the other way round');
    await main.getByText('1 min', { exact: true }).click();
    await main.getByText('since start', { exact: true }).click();
  },
  async charts() {
    const drawn = (title) => main.locator('.card').filter({ has: main.getByRole('heading', { name: title }) }).locator('svg');
    for (const title of ['Calls per second', 'Latency', 'Empty and failed']) {
      await call(url, 'query', { sql: 'SELECT 1 AS one' });
      const svg = drawn(title);
      await svg.locator('path[d*="L"]').first().waitFor({ state: 'attached' });
      const box = await svg.locator('path[d*="L"]').first().evaluate((line) => line.getBBox().width);
      assert(box > 0, `${title} is a line`);
      assert((await svg.getAttribute('aria-label')).startsWith(`${title}, now: `), await svg.getAttribute('aria-label'));
    }
    const legend = main.locator('.card').first().locator('.legend');
    for (const outcome of ['complete', 'empty', 'failed']) await legend.getByText(outcome).waitFor();
    await drawn('Latency').focus();
    await main.keyboard.press('ArrowLeft');
    await drawn('Latency').locator('.cross').waitFor({ state: 'attached' });
    assert((await drawn('Latency').getAttribute('aria-label')).includes(', at '), 'the keyboard moves through time');
    await main.keyboard.press('Escape');
    await main.screenshot({ path: join(folder, 'light.png'), fullPage: true });
  },
  async failure() {
    const found = main.locator('#failures tr');
    for (const wanted of [told.id, told.text]) {
      await main.getByLabel('Find').fill(wanted);
      await main.locator('#failures-count').filter({ hasText: /^1 of/ }).waitFor();
      const text = await found.textContent();
      assert(text.includes(told.id) && text.includes('query') && text.includes('invalid_argument'), text);
    }
    await main.getByLabel('Find').fill('no such id');
    await found.filter({ hasText: 'Nothing that is kept fits' }).waitFor();
    await main.getByLabel('Find').fill('');
  },
  async tool() {
    await row(main, 'query').getByRole('button').focus();
    await main.keyboard.press('Enter');
    await main.getByRole('heading', { name: 'Profile' }).waitFor();
    const profile = await main.locator('#profile').textContent();
    assert(profile.includes('30 s') && profile.includes('1 MiB') && profile.includes('read-only'), profile);
    await main.locator('#charts path[d*="L"]').first().waitFor({ state: 'attached' });
    assert((await main.locator('#figures').textContent()).includes('invalid_argument 1'), 'the kinds of failures');
    await main.reload();
    await main.getByRole('heading', { name: 'Profile' }).waitFor();
    await main.goBack();
    await row(main, 'query').waitFor();
    assert(!(await shown(main, '#about')), 'all tools again');
  },
  async sessions() {
    const id = await session(url, 'probe', '7.7');
    const listed = main.locator('#sessions tr').filter({ hasText: 'probe/7.7' });
    await listed.waitFor();
    assert((await listed.textContent()).includes('2025-11-25'), 'the revision of the session');
    assert(!(await main.content()).includes(id.split('-')[1]), 'what opens the session is on the page');
  },
  async narrow() {
    const page = await open({ viewport: { width: 375, height: 740 }, hasTouch: true });
    await page.goto(link);
    await row(page, 'query').waitFor();
    assert(!(await spills(page)), 'the page scrolls sideways');
    const table = page.locator('#tools .table');
    assert(await table.evaluate((box) => box.scrollWidth <= box.clientWidth), 'the table scrolls sideways');
    for (const key of ['calls', 'p95', 'failed']) {
      assert(await page.locator(`#columns th[data-key="${key}"]`).isVisible(), `${key} is there`);
    }
    await page.screenshot({ path: join(folder, 'narrow.png'), fullPage: true });
    await row(page, 'query').getByRole('button').tap();
    await page.getByRole('heading', { name: 'Profile' }).waitFor();
    assert(!(await spills(page)), 'the page of a tool scrolls sideways');
    await page.context().close();
  },
  async themes() {
    const texts = ['h1', '.facts dt', '.card h3', '.legend li', '#columns th button', '#rows td button', '.note', '.tag.bad',
      '#ready', '.find', '#covers'];
    const grounds = [];
    for (const colorScheme of ['light', 'dark']) {
      const page = await open({ colorScheme });
      await page.goto(link);
      // What callers got wrong is listed when it is searched for.
      await page.locator('#find').fill('failed');
      await page.locator('.tag.bad').first().waitFor();
      for (const [selector, contrast] of await contrasts(page, texts)) {
        assert(contrast >= 4.5, `${colorScheme}: ${selector} has a contrast of ${contrast.toFixed(2)}`);
      }
      grounds.push(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
      await page.screenshot({ path: join(folder, `${colorScheme}.png`), fullPage: true });
      await page.context().close();
    }
    assert(grounds[0] !== grounds[1], `both are ${grounds[0]}`);
  },
  async labels() {
    const unnamed = await main.evaluate(() => {
      const controls = [...document.querySelectorAll('#page button, #page input, #page svg[role=img]')];
      const name = (node) => node.getAttribute('aria-label') || node.textContent.trim()
        || [...(node.labels ?? [])].map((label) => label.textContent.trim()).join('');
      return controls.filter((node) => !node.closest('[hidden]') && !name(node)).map((node) => node.outerHTML);
    });
    assert(unnamed.length === 0, unnamed.join(' '));
    const tables = await main.locator('#page table').evaluateAll((all) => all.every((one) => one.getAttribute('aria-labelledby')));
    assert(tables, 'every table has a name');
    assert((await main.locator('h1:visible').count()) === 1, 'there is one first heading');
  },
  async away() {
    await main.context().setOffline(true);
    await main.locator('#notices').filter({ hasText: 'has not answered since' }).waitFor();
    assert((await main.locator('#ready').textContent()) === 'away', 'the state is told');
    assert((await cell(main, 'list_tables', 'calls')) === '5', 'what was known stays');
  },
  async again() {
    await main.context().setOffline(false);
    await main.locator('#ready').filter({ hasText: 'ready' }).waitFor();
    await main.waitForFunction(() => document.getElementById('notices').textContent === '');
  },
  async unmeasured() {
    const page = await open();
    await page.goto(unmeasured);
    await page.locator('#notices').filter({ hasText: 'telemetry.enabled is false' }).waitFor();
    assert(!(await shown(page, '#charts')), 'there is nothing to draw');
    assert((await cell(page, 'query', 'p95')) === '–', 'there are no figures');
    await row(page, 'query').getByRole('button').click();
    assert((await page.locator('#profile').textContent()).includes('30 s'), 'profiles are there nevertheless');
    await page.context().close();
  },
  async lock() {
    await main.getByRole('button', { name: 'Lock' }).click();
    await main.locator('#door').waitFor();
    await main.reload();
    await main.locator('#door').waitFor();
    assert(!(await main.content()).includes('describe_table'), 'nothing stays behind');
  },
  async silence() {
    assert(troubles.length === 0, troubles.join('; '));
  },
});
await chromium.close();
process.exit(0);
