/**
 * Adds nights to a history, one after another, as a process that can be killed: argv has where, working
 * directory, state directory, own name, number of nights. It prints what it was told is kept.
 *
 * With DIE_AT=n it kills itself (SIGKILL) at its n-th step: before and after each change of the disk, in the
 * middle of each write of a file, and before, during and after each git that it starts. DIE_AT=count prints
 * the names of all steps.
 */
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const [where = '', cwd = '', state = '', name = '', count = '1'] = process.argv.slice(2);
const dieAt = process.env['DIE_AT'];
const steps: string[] = [];

/** Whether it dies here. */
function step(name: string): boolean {
  steps.push(name);
  return steps.length === Number(dieAt);
}

function die(): void {
  process.kill(process.pid, 'SIGKILL');
  // The signal is delivered at once; nothing after it may run.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10_000);
}

if (dieAt !== undefined) {
  const calls = fs as unknown as Record<string, (...args: unknown[]) => unknown>;
  const { writeFileSync } = fs;
  for (const call of ['mkdirSync', 'renameSync', 'fsyncSync', 'rmSync', 'writeFileSync', 'mkdtempSync']) {
    const real = calls[call] as (...args: unknown[]) => unknown;
    calls[call] = (...args) => {
      if (step(`before ${call}`)) die();
      if (call === 'writeFileSync' && step('half a file')) {
        writeFileSync(args[0] as string, String(args[1]).slice(0, String(args[1]).length / 2));
        die();
      }
      const value = real(...args);
      if (step(`after ${call}`)) die();
      return value;
    };
  }
  const { spawn } = childProcess;
  Object.assign(childProcess, {
    spawn: (...args: Parameters<typeof spawn>) => {
      const name = `git ${String(args[1]?.[0])}`;
      if (step(`before ${name}`)) die();
      const child = spawn(...args);
      // The program is at its work: it goes on, or ends on a broken pipe.
      if (step(`during ${name}`)) die();
      child.on('exit', () => step(`after ${name}`) && die());
      return child;
    },
  });
  syncBuiltinESMExports();
}

const { openHistory } = await import('../../src/run/history/open-history.ts');
const { withNightId } = await import('../../src/run/history/night-id.ts');

const history = await openHistory(where, {
  ...{ places: { state, cache: state }, env: process.env, cwd, bootstrap: true },
});

/** False: all is kept, and waits for the next publish. */
async function isPublished(): Promise<boolean> {
  try {
    await history.publish();
    return true;
  } catch (error) {
    if ((error as { kind?: string }).kind !== 'unavailable') throw error;
    return false;
  }
}

for (let number = 1; number <= Number(count); number += 1) {
  const startedAt = new Date(Date.UTC(2026, 0, number, 2)).toISOString();
  const night = withNightId({
    ...{ schema: 'gauntlet.night/1', run: `${startedAt.slice(0, 10)}-${name}`, campaign: 'nightly' },
    ...{ campaignHash: '0123456789abcdef', target: 'staging', environment: { key: 'staging', words: {} } },
    ...{ seed: number, startedAt, endedAt: startedAt, versions: {}, subject: {} },
    ...{ status: 'PASS', runStatus: 'PASS', reasons: [], flows: {}, faults: [], recoveries: [] },
    ...{
      recoveryWatchMs: 60_000,
      objectives: [],
      capacity: {},
      generator: null,
      quarantine: [],
      report: null,
    },
  });
  history.add(night);
  fs.writeSync(1, `kept ${night.id}\n`);
  if (await isPublished()) fs.writeSync(1, `published ${night.id}\n`);
}
// Another writer that pushes without a pause can win each time; what waits is sent when it has ended.
for (let attempt = 1; !(await isPublished()); attempt += 1)
  if (attempt === 5) throw new Error('never published');
await history.close();
if (dieAt === 'count') fs.writeSync(1, `steps ${steps.join(',')}\n`);
