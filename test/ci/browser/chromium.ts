/** A real browser: the machine's Chromium, without a window. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** @throws when there is none, telling how to get one */
export const launchChromium = (): Promise<Browser> => {
  const executablePath = process.env.CHROMIUM ?? PLACES.find((path) => existsSync(path));
  if (executablePath === undefined) {
    throw new Error(
      'There is no Chromium: install it (apt-get install chromium), or set CHROMIUM.',
    );
  }
  // Its own sandbox needs what containers do not give; the pages here are ours.
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
};
