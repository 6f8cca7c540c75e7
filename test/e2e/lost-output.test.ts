/** Whatever becomes of terminal, pipes and code of ours: undone, judged, written, and the exit code says what happened. On IPv6. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Result } from '../../src/core/result.ts';
import { programPath } from '../../src/system/project.ts';
import { Bench } from './support/gauntlet.ts';

const bench = new Bench();
const servers: Server[] = [];
afterAll(() => {
  for (const one of servers) one.closeAllConnections();
  for (const one of servers) one.close();
});

/** A gateway on ::1, and the arguments of a short run with a fault that does nothing. */
async function runOn(name: string): Promise<readonly string[]> {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    request.resume().on('end', () => response.end('{"status":"processed","intent_id":"i"}'));
  });
  await new Promise<void>((resolve) => server.listen(0, '::1', resolve));
  servers.push(server);
  const { port } = server.address() as AddressInfo;
  const target = join(bench.folder, `${name}-target.yml`);
  writeFileSync(
    target,
    `name: ${name}\nplatform: none\ngateway: { url: "http://[::1]:${port}" }\npolicy: { optIn: true }\n`,
  );
  const campaign = join(bench.folder, `${name}.yml`);
  const lines = [
    `name: ${name}`,
    `target: ${name}`,
    'load: [{ scenario: gateway-intentions, rate: 10/s }]',
    'warmup: 1s',
    'baseline: 3s',
    'faults: [{ noop: { for: 2s } }]',
    'recovery: { hold: 1s, timeout: 5s }',
    'objectives: ["gateway.intentions p50 < 1s in baseline"]',
  ];
  writeFileSync(campaign, lines.join('\n'));
  return ['run', campaign, '--target', target, '--out', join(bench.folder, name), '--yes'];
}

const env = { ...process.env, GAUNTLET_STATE_DIR: bench.state, CI: '' };
const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('close', (code) => resolve(code)));
const resultOf = (name: string): Result =>
  JSON.parse(readFileSync(join(bench.folder, name, 'result.json'), 'utf8')) as Result;

/** Closes the terminal of a command as soon as its baseline has begun; prints how the command ended. */
const CLOSE_TERMINAL = `
import os, pty, subprocess, sys, time
m, s = pty.openpty()
p = subprocess.Popen(sys.argv[2:], stdin=s, stdout=s, stderr=s, start_new_session=True)
os.close(s)
while not (os.path.exists(sys.argv[1]) and 'baseline' in open(sys.argv[1]).read()) and p.poll() is None: time.sleep(0.05)
os.close(m)
print(p.wait())
`;

describe('a run', () => {
  it('whose terminal is closed ends as after Ctrl-C', async () => {
    const command = [process.execPath, programPath('src/cli/main'), ...(await runOn('terminal'))];
    const events = join(bench.folder, 'terminal', 'events.ndjson');
    const python = spawn('python3', ['-c', CLOSE_TERMINAL, events, ...command], {
      env: { ...env, TERM: 'xterm' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    python.stdout.on('data', (chunk) => {
      said += String(chunk);
    });
    await ended(python);
    expect(said.trim()).toBe('130');
    expect(resultOf('terminal').verdict.reasons.map((one) => one.text)).toContain('interrupted: SIGHUP');
  });

  it.concurrent.each([
    ['full', `exec "$@" >/dev/full 2>/dev/full`],
    ['closed', `exec "$@" >&- 2>&- <&-`],
    ['head', `set -o pipefail; "$@" | head -1 >/dev/null`],
  ])('whose output is %s goes on to its verdict', async (name, script) => {
    const command = [process.execPath, programPath('src/cli/main'), ...(await runOn(name))];
    const code = await ended(spawn('bash', ['-c', script, 'bash', ...command], { env, stdio: 'ignore' }));
    const { verdict } = resultOf(name);
    expect(code).toBe(verdict.exitCode);
    expect(verdict.reasons.filter((one) => /interrupted|the run failed/.test(one.text))).toEqual([]);
    expect(existsSync(join(bench.folder, name, 'report.html'))).toBe(true);
  });

  it('in which something of ours throws where nobody catches it is undone, judged and written before 70', async () => {
    const boom = join(bench.folder, 'boom.mjs');
    writeFileSync(
      boom,
      `import { existsSync, readFileSync } from 'node:fs';
const [events] = [process.env.BOOM_AFTER];
if (process.argv[1]?.endsWith('cli/main.js')) {
  const look = setInterval(() => {
    if (!existsSync(events) || !readFileSync(events, 'utf8').includes('"noop"')) return;
    clearInterval(look);
    throw new Error('boom in a handler');
  }, 50);
  look.unref();
}`,
    );
    const args = await runOn('boom');
    const child = spawn(process.execPath, ['--import', boom, programPath('src/cli/main'), ...args], {
      env: { ...env, BOOM_AFTER: join(bench.folder, 'boom', 'events.ndjson') },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk);
    });
    expect(await ended(child)).toBe(70);
    expect(stderr).toContain('boom in a handler');
    expect(resultOf('boom').verdict.status).toBe('INVALID');
    expect(await bench.quiet(5000)).toEqual([]);
  });
});
