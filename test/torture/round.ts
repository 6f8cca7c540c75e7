/**
 * One round: the harness dies at its instant, and then the target must be as before. Changes that an undo
 * reverts must be gone within lease + 1 s. State that recovers by itself has 45 s (a crash loop of the
 * sandbox waits up to 4 s before the third start, a broker joins its in-sync sets in about 10 s). By then the
 * journal must be closed, and every process must have exited.
 */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { openEntries } from '../../src/chaos/healing/journal.ts';
import type { Places } from '../../src/system/places.ts';
import { isAlive } from '../../src/system/proc.ts';
import { programPath } from '../../src/system/project.ts';
import type { Draw } from './draw.ts';
import { environmentOf, type Killed, killHarness } from './harness.ts';
import type { Difference } from './target-state.ts';

export const LEASE_MS = 3000;
export const UNDO_BOUND_MS = LEASE_MS + 1000;
export const BY_ITSELF_BOUND_MS = 45_000;
const POLL_MS = 50;

export interface TestBed {
  readonly places: Places;
  /** The options of the harness that name the target. */
  readonly target: readonly string[];
  /** What an undo reverts must be as before so long after the kill. */
  readonly undoBoundMs: number;
  /** From the state before the first round. */
  look(): Promise<Difference>;
}

export interface Round {
  readonly draw: Draw;
  readonly killed: Killed;
  /** Time from the kill until the state that an undo reverts was as before, and until the whole state was. */
  readonly undoneMs: number;
  readonly wholeMs: number;
  /**
   * Differences at the first check after the kill; empty: the harness died before the act or after the undo.
   */
  readonly found: readonly string[];
  /** Differences that were left; empty: none. */
  readonly left: readonly string[];
}

export async function playRound(draw: Draw, testBed: TestBed): Promise<Round> {
  const { places, target, undoBoundMs } = testBed;
  const killed = await killHarness(draw, places, target);
  const left: string[] = [];
  let first: Difference | undefined;
  // Concurrent with the watch: the platform's deadline and the recovery may come in any order.
  const recovery = draw.keeper === null ? undefined : recover(places);
  let [undoneMs, wholeMs] = [Number.NaN, Number.NaN];
  for (;;) {
    const found = await testBed.look();
    first ??= found;
    const sinceMs = performance.now() - killed.killedAt;
    const pending = [...found.byItself, ...journalLeft(killed), ...keepersLeft(killed)];
    if (found.undo.length === 0 && Number.isNaN(undoneMs)) undoneMs = sinceMs;
    if (found.undo.length === 0 && pending.length === 0) {
      wholeMs = sinceMs;
      break;
    }
    if (found.undo.length > 0 && sinceMs > undoBoundMs) {
      left.push(...found.undo.map((one) => `${one} (${Math.round(sinceMs)} ms after the kill)`));
      break;
    }
    if (sinceMs > BY_ITSELF_BOUND_MS) {
      left.push(...pending.map((one) => `${one} (${Math.round(sinceMs)} ms after the kill)`));
      break;
    }
    await sleep(POLL_MS);
  }
  left.push(...((await recovery) ?? []));
  await killed.end();
  // Once more at the end: an act that was in flight when its harness died could arrive after the undo.
  const late = await testBed.look();
  if (left.length === 0) left.push(...[...late.undo, ...late.byItself].map((one) => `${one} (came back)`));
  const found = [...(first?.undo ?? []), ...(first?.byItself ?? [])];
  return { draw, killed, undoneMs, wholeMs, found, left };
}

function journalLeft({ journal }: Killed): readonly string[] {
  if (journal === null) return [];
  return openEntries(journal).map((one) => `journal: ${one.fault} is open in ${journal}`);
}

const keepersLeft = ({ keepers }: Killed): readonly string[] =>
  keepers.filter((one) => isAlive(one.pid, one.startTicks)).map((one) => `keeper pid ${one.pid} still runs`);

/** `gauntlet recover`, twice: the second call must find nothing to do. */
async function recover(places: Places): Promise<readonly string[]> {
  const first = await cli(places, 'recover');
  if (first.code !== 0) return [`recover ended with ${first.code}: ${first.said}`];
  const second = await cli(places, 'recover');
  return second.said === 'Nothing to undo.' ? [] : [`the second recover said: ${second.said}`];
}

async function cli(
  places: Places,
  ...args: readonly string[]
): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [programPath('src/cli/main'), ...args], {
    env: environmentOf(places),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, said: said.trim() };
}
