/** Real processes of this machine, found as a target file says. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { findProcesses } from '../../../../src/system/processes/process-finder.ts';
import { startedAt } from '../../../../src/system/processes/start-time.ts';

const folder = mkdtempSync(join(tmpdir(), 'gauntlet-processes-'));
const children: ChildProcess[] = [];
const program = join(folder, 'server.mjs');
writeFileSync(
  program,
  `import { createServer } from 'node:net';
const server = createServer().listen(0, '127.0.0.1', () => process.stdout.write(String(server.address().port) + '\\n'));
process.stdin.on('end', () => process.exit()).resume();`,
);

async function started(...more: string[]): Promise<{ readonly pid: number; readonly port: number }> {
  const child = spawn(process.execPath, [program, ...more], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const port = await new Promise<number>((resolve) =>
    child.stdout?.once('data', (text) => resolve(Number(text))),
  );
  return { pid: child.pid ?? 0, port };
}

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

describe('the processes of a service', () => {
  it('are found by command line, port and pid file, oldest first', async () => {
    const first = await started('--shop');
    const second = await started('--shop');
    const pids = (finder: Parameters<typeof findProcesses>[0]) => findProcesses(finder).map((one) => one.pid);
    expect(pids({ command: 'server.mjs --shop' })).toEqual([first.pid, second.pid]);
    expect(pids({ port: second.port })).toEqual([second.pid]);
    expect(pids({ command: 'server.mjs --other' })).toEqual([]);
    const pidFile = join(folder, 'first.pid');
    writeFileSync(pidFile, `${first.pid}\n`);
    expect(pids({ pidFile })).toEqual([first.pid]);
    expect(pids({ pidFile, port: second.port })).toEqual([]);
  });

  it('are none by a pid file that is older than the process: the number was given to another one', async () => {
    const { pid } = await started();
    const pidFile = join(folder, 'stale.pid');
    writeFileSync(pidFile, String(pid));
    const hourAgo = new Date(Date.now() - 3_600_000);
    utimesSync(pidFile, hourAgo, hourAgo);
    expect(findProcesses({ pidFile })).toEqual([]);
    writeFileSync(pidFile, 'none');
    expect(findProcesses({ pidFile })).toEqual([]);
    expect(findProcesses({ pidFile: join(folder, 'absent.pid') })).toEqual([]);
  });

  it('are not the one who asks, whatever fits', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    expect(findProcesses({ port })).toEqual([]);
    server.close();
  });

  it('have a start on the wall clock', async () => {
    const before = Date.now();
    const { pid } = await started('--timed');
    const [found] = findProcesses({ command: 'server.mjs --timed' });
    expect(found?.pid).toBe(pid);
    const at = startedAt(found?.startTicks ?? '0');
    expect(at).toBeGreaterThan(before - 100);
    expect(at).toBeLessThanOrEqual(Date.now() + 100);
  });
});
