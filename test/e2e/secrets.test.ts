/** A canary for a token: a gateway that echoes it, in answers and in headers, and a run that greps for it everywhere. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bench } from './support/gauntlet.ts';

const CANARY = 'canary-7Qz.93kf_token~that+nobody/may=see';
const ESC = '\u001b]0;owned\u0007';
const bench = new Bench();
let server: Server;
let port: number;
let status = 200;
let asked = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume().on('end', () => {
      const { authorization = 'none' } = request.headers;
      if (request.url === '/intentions') asked += authorization.includes(CANARY) ? 1 : 0;
      const body = { status: 'processed', echo: authorization, hostile: ESC };
      response.writeHead(status, { 'content-type': 'application/json', 'x-echo': authorization });
      response.end(JSON.stringify(status === 200 ? body : { error: `${authorization}: no`, hostile: ESC }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  process.env['GAUNTLET_CANARY'] = CANARY;
});
afterAll(() => {
  delete process.env['GAUNTLET_CANARY'];
  server.closeAllConnections();
  server.close();
});

function files(): { readonly campaign: string; readonly target: string } {
  const [campaign, target] = [join(bench.folder, 'canary.yaml'), join(bench.folder, 'target.yaml')];
  writeFileSync(
    campaign,
    'name: canary\nload:\n  - { scenario: gateway-intentions, rate: 10/s }\nwarmup: 2s\nbaseline: 4s\n',
  );
  writeFileSync(
    target,
    `name: echo\nplatform: none\ngateway: { url: "http://127.0.0.1:${port}" }\nauth: { tokenFrom: "env:GAUNTLET_CANARY" }\n`,
  );
  return { campaign, target };
}

/** Every file of the run, and both streams. */
function everythingOf(out: string, run: { readonly stdout: string; readonly stderr: string }): string {
  const all = readdirSync(out, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const texts = all.map((one) => readFileSync(join(one.parentPath, one.name), 'latin1'));
  return [run.stdout, run.stderr, ...texts].join('\n');
}

function holdsNothing(text: string): void {
  expect(text).not.toContain(CANARY.slice(0, 12));
  expect(text).not.toContain(CANARY.slice(-12));
  expect(text).not.toContain(Buffer.from(CANARY).toString('base64').slice(0, 16));
}

describe('a token', () => {
  it('is sent, and is in no file and on no stream of a run whose gateway echoes it', async () => {
    const { campaign, target } = files();
    const out = join(bench.folder, 'good');
    const run = await bench.run('run', campaign, '--target', target, '--out', out);
    expect(asked).toBeGreaterThan(20);
    holdsNothing(everythingOf(out, run));
  });

  it('is in no error, event or report when the contract fails with an echo, which moves no cursor either', async () => {
    status = 401;
    const { campaign, target } = files();
    const out = join(bench.folder, 'bad');
    const run = await bench.run('run', campaign, '--target', target, '--out', out);
    expect(run.code, run.stderr).toBe(69);
    expect(run.stderr).toContain('[GAUNTLET_CANARY]');
    expect(run.stderr).not.toContain('\u001b');
    holdsNothing(everythingOf(out, run));
  });

  it('that no header can hold is refused before anything is started, without being shown', async () => {
    process.env['GAUNTLET_CANARY'] = `${CANARY}\n${CANARY}`;
    const { campaign, target } = files();
    const run = await bench.run('run', campaign, '--target', target, '--out', join(bench.folder, 'strange'));
    expect(run.code).toBe(64);
    expect(run.stderr).toContain('one with a line break at position');
    holdsNothing(`${run.stdout}${run.stderr}`);
  });
});
