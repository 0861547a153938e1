// Chromium without a window, and a fresh profile for each run.

import { chromium } from 'playwright-core';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts the browser at this path. */
export function browser(path) {
  return chromium.launch({ executablePath: path, args: FLAGS });
}
