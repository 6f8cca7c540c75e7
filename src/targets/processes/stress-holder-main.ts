/**
 * Holds one CPU stress on processes that Gauntlet did not start, in a session of its own. argv[2] is the
 * order, stdin the harness (stress-order.ts). It gives the CPUs back and ends the spinners when it is not
 * renewed, and at once when the harness is gone.
 */
import { GauntletError, messageOf } from '../../core/errors.ts';
import { ms } from '../../core/units.ts';
import { readStreamLines } from '../../system/bounded-lines.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import { gatedLaunch } from '../../system/processes/launch.ts';
import { programPath } from '../../system/project.ts';
import type { ProcessIdentity } from '../../system/sandbox/state.ts';
import { CpuStressor } from '../../system/stress/cpu-stressor.ts';
import type { HolderWord, Renewal, StressOrder } from './stress-order.ts';

/** How often it looks whether its stress has lapsed. */
const LOOK_EVERY_MS = 200;
const TRIES = 30;
const TRY_AGAIN_MS = ms(1000);

const { stress } = JSON.parse(process.argv[2] ?? '{}') as StressOrder;
const say = (word: HolderWord): void => void process.stdout.write(`${JSON.stringify(word)}\n`);
process.stdout.on('error', () => undefined);

const spinners: ProcessIdentity[] = [];
const stressor = new CpuStressor({
  victims: () => stress.victims.map((one) => one.victim),
  launch: gatedLaunch(async (identity) => void spinners.push(identity)),
  spinner: programPath('src/system/stress/spinner-main'),
  log: '/dev/null',
  cwd: '/',
  clock: monotonicClock,
  stopped: new AbortController().signal,
});

/** What cannot be given back stays in the journal of the harness, for `gauntlet recover`. */
async function leave(code: number): Promise<never> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const failed = await stressor.end(stress).then(
      () => false,
      () => true,
    );
    if (!failed) break;
    await monotonicClock.sleep(TRY_AGAIN_MS);
  }
  process.exit(code);
}

async function renew(line: string): Promise<void> {
  const { number, ttlMs } = JSON.parse(line) as Renewal;
  const renewed = await stressor.renew(stress.id, ms(ttlMs));
  say({ kind: 'renewal', number, renewed });
}

// Heard before it begins: the harness may die meanwhile, and the end then waits for the start.
process.stdin.on('close', () => void leave(0));
readStreamLines(
  process.stdin,
  (line) => void renew(line),
  () => void leave(1),
);
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(signal, () => void leave(0));

try {
  await stressor.begin(stress);
  say({ kind: 'begun', spinners });
} catch (error) {
  const problems =
    error instanceof GauntletError
      ? error.problems
      : [{ subject: stress.id, expected: 'to start', got: messageOf(error) }];
  say({ kind: 'failed', error: error instanceof GauntletError ? error.kind : 'unavailable', problems });
  await leave(1);
}
while ((await stressor.list()).length > 0) await monotonicClock.sleep(ms(LOOK_EVERY_MS));
process.exit(0);
