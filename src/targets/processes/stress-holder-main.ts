/**
 * Holds one stress on processes that Gauntlet did not start, in a session of its own. argv[2] is the order,
 * stdin the harness (stress-order.ts). It undoes the stress and ends the helpers when it is not renewed, and
 * at once when the harness is gone.
 */
import { setPriority } from 'node:os';
import type { MemoryStressState } from '../../core/acts/memory-acts.ts';
import { GauntletError, messageOf } from '../../core/errors.ts';
import { type Ms, ms } from '../../core/units.ts';
import { readStreamLines } from '../../system/bounded-lines.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import { gatedLaunch } from '../../system/processes/launch.ts';
import { programPath } from '../../system/project.ts';
import type { ProcessIdentity } from '../../system/sandbox/state.ts';
import { CpuStressor } from '../../system/stress/cpu-stressor.ts';
import { MemoryStressor } from '../../system/stress/memory-stressor.ts';
import { HELPER_OF, type HolderWord, type Request, type StressOrder } from './stress-order.ts';

/** How often it looks whether its stress has lapsed. */
const LOOK_EVERY_MS = 200;
const TRIES = 30;
const TRY_AGAIN_MS = ms(1000);
/** Above the hogs and what runs beside them: the kernel's count must be read before its group is removed. */
const FIRST = -10;

const order = JSON.parse(process.argv[2] ?? '{}') as StressOrder;
const say = (word: HolderWord): void => void process.stdout.write(`${JSON.stringify(word)}\n`);
process.stdout.on('error', () => undefined);

const helpers: ProcessIdentity[] = [];

/** The stress of the order. */
interface Held {
  begin(): Promise<void>;
  renew(ttl: Ms): Promise<boolean>;
  end(): Promise<void>;
  isThere(): Promise<boolean>;
  memory(): Promise<readonly MemoryStressState[]>;
}

function heldOf(): Held {
  const common = {
    ...{ launch: gatedLaunch(async (identity) => void helpers.push(identity)), log: '/dev/null', cwd: '/' },
    ...{ clock: monotonicClock, stopped: new AbortController().signal },
  };
  const helper = programPath(HELPER_OF[order.kind]);
  if (order.kind === 'cpu') {
    const { stress } = order;
    const victims = () => stress.victims.map((one) => one.victim);
    const stressor = new CpuStressor({ ...common, victims, spinner: helper });
    return {
      begin: () => stressor.begin(stress),
      renew: (ttl) => stressor.renew(stress.id, ttl),
      end: () => stressor.end(stress),
      isThere: async () => (await stressor.list()).length > 0,
      memory: async () => [],
    };
  }
  const { stress } = order;
  const victims = () => [stress.victim];
  // Its group is found by its name, which is in the journal of the harness.
  const stressor = new MemoryStressor({ ...common, victims, hog: helper, record: () => undefined });
  return {
    async begin() {
      await stressor.begin(stress);
      comeFirst();
    },
    renew: (ttl) => stressor.renew(stress.id, ttl),
    end: () => stressor.end(stress),
    isThere: async () => (await stressor.list()).length > 0,
    memory: () => stressor.list(),
  };
}

/** Without the right to it, it has its turn like any other process. */
function comeFirst(): void {
  try {
    setPriority(FIRST);
  } catch {
    // EACCES
  }
}

const held = heldOf();

/** What cannot be given back stays in the journal of the harness, for `gauntlet recover`. */
async function leave(code: number): Promise<never> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const failed = await held.end().then(
      () => false,
      () => true,
    );
    if (!failed) break;
    await monotonicClock.sleep(TRY_AGAIN_MS);
  }
  process.exit(code);
}

async function answer(line: string): Promise<void> {
  const { number, ttlMs } = JSON.parse(line) as Request;
  const renewed = ttlMs !== null && (await held.renew(ms(ttlMs)));
  say({ kind: 'answer', number, renewed, memory: await held.memory() });
}

// Heard before it begins: the harness may die meanwhile, and the end then waits for the start.
process.stdin.on('close', () => void leave(0));
readStreamLines(
  process.stdin,
  (line) => void answer(line),
  () => void leave(1),
);
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(signal, () => void leave(0));

try {
  await held.begin();
  say({ kind: 'begun', helpers });
} catch (error) {
  const problems =
    error instanceof GauntletError
      ? error.problems
      : [{ subject: order.stress.id, expected: 'to start', got: messageOf(error) }];
  say({ kind: 'failed', error: error instanceof GauntletError ? error.kind : 'unavailable', problems });
  await leave(1);
}
while (await held.isThere()) await monotonicClock.sleep(ms(LOOK_EVERY_MS));
process.exit(0);
