/** A real Chromium for the history page, and a web server on loopback that serves a folder under a subpath. */
import { accessSync, constants, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, extname, join, normalize } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** CHROMIUM_PATH, else the first of the usual names on PATH; null: there is none. */
export function chromiumPath(): string | null {
  const named = process.env['CHROMIUM_PATH'];
  if (named !== undefined && named !== '') return named;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram) ?? null;
}

export const NO_CHROMIUM =
  chromiumPath() === null ? ` (skipped: no ${NAMES.join(', ')} on PATH, and CHROMIUM_PATH is not set)` : '';

/** Chromium's own sandbox does not start as root. */
export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: chromiumPath() ?? '', chromiumSandbox: process.getuid?.() !== 0 });

export interface Seen {
  /** Errors and warnings of the console, uncaught errors, refusals by the page's policy. */
  readonly troubles: string[];
  readonly requests: string[];
}

export function watch(page: Page): Seen {
  const seen: Seen = { troubles: [], requests: [] };
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) seen.troubles.push(message.text());
  });
  page.on('pageerror', (error) => seen.troubles.push(String(error)));
  page.on('request', (request) => seen.requests.push(request.url()));
  return seen;
}

/**
 * Resolves when an expression is true in the page. Not waitForFunction, which asks again by `eval`: the policy
 * of the page forbids it.
 */
export async function until(page: Page, expression: string): Promise<void> {
  for (let left = 1000; left > 0; left -= 1) {
    if ((await page.evaluate(expression)) === true) return;
    await page.waitForTimeout(10);
  }
  throw new Error(`never true in the page: ${expression}`);
}

/** Resolves when the numbers of the chosen history are drawn. */
export const drawn = (page: Page): Promise<void> =>
  until(page, `performance.getEntriesByName('gauntlet:drawn').length > 0`);

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

export interface Served {
  /** With the subpath and a slash at its end. */
  readonly url: string;
  close(): Promise<void>;
}

/** @param headers of every answer, such as the policy that Jenkins sends. */
export async function serve(folder: string, headers: Readonly<Record<string, string>> = {}): Promise<Served> {
  const subpath = '/job/nightly/7/page/';
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '').replace(/[?#].*$/, ''));
    const name = path === subpath ? 'index.html' : normalize(path.slice(subpath.length));
    try {
      if (!path.startsWith(subpath) || name.startsWith('..')) throw new Error('not ours');
      const text = readFileSync(join(folder, name));
      response.writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'text/plain', ...headers }).end(text);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${subpath}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
