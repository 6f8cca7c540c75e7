/** When a kill is over: the victims are gone, as many instances are ready as before, and how each of them came back. */
import type { InstanceActs } from '../core/platform.ts';
import type { Victim } from '../core/topology.ts';
import { ms } from '../core/units.ts';
import type { RemovalState } from './fault.ts';
import { isSame, type WayBack, waysBack } from './pod-timeline.ts';
import { describeVictims } from './victims.ts';
import type { World } from './world.ts';

export type KillUndo = {
  readonly service: string;
  readonly victims: readonly Victim[];
  /** Every instance that was there: none of them is a successor. */
  readonly known: readonly Victim[];
  readonly readyBefore: number;
  /**
   * Epoch ms until which a victim that still runs may be draining after SIGTERM; null for SIGKILL, which nothing survives.
   * Whoever replays this after a crash cannot know whether the signal was ever sent.
   */
  readonly drainUntil: number | null;
};

/** An EndpointSlice follows its pod within 0.1 s; after this long the Service does not select it. */
const ENDPOINT_MS = 5000;
const POLL_MS = ms(50);

/** Traffic follows a moment after ready: waits for it where the victim had traffic too. */
export async function waysWithEndpoints(
  undo: KillUndo,
  instances: InstanceActs,
  world: World,
): Promise<WayBack[]> {
  const until = world.clock.now() + ENDPOINT_MS;
  for (;;) {
    const lives = await instances.lives(undo.service);
    const ways = [...waysBack(undo.victims, lives, undo.known)];
    const hadEndpoints = lives.some(
      (life) =>
        undo.victims.some((victim) => isSame(victim, life)) &&
        life.marks?.some((mark) => mark.name === 'endpoint ready'),
    );
    const hasEndpoints = ways.every((way) => way.marks?.some((mark) => mark.name === 'endpoint ready'));
    if (!hadEndpoints || hasEndpoints || world.clock.now() > until) return ways;
    await world.clock.sleep(POLL_MS);
  }
}

export async function killRemoved(
  undo: KillUndo,
  instances: InstanceActs,
  world: World,
): Promise<RemovalState> {
  const now = await instances.list(undo.service);
  const alive = undo.victims.filter((victim) => now.some((one) => isSame(one, victim)));
  if (alive.length > 0 && undo.drainUntil !== null && world.clock.now() < undo.drainUntil) {
    return {
      gone: false,
      evidence: `${describeVictims(alive)} still runs and may be draining`,
    };
  }
  const ready = now.filter((one) => one.ready);
  if (ready.length < undo.readyBefore) {
    const evidence = `${ready.length} of ${undo.readyBefore} instances of ${undo.service} are ready`;
    return { gone: false, evidence };
  }
  const lives = await instances.lives(undo.service);
  const ways = waysBack(undo.victims, lives, undo.known);
  const old = alive.length > 0 ? `${describeVictims(alive)} was not killed` : 'the old process is gone';
  const evidence = `${old}, ${ready.length} of ${undo.readyBefore} instances are ready`;
  if (ways.length < undo.victims.length) return { gone: true, evidence };
  const slowest = [...ways].sort((a, b) => b.readyAt - a.readyAt)[0];
  if (slowest === undefined) return { gone: true, evidence };
  const bound = slowest.marks?.find((mark) => mark.name === 'ready')?.boundMs;
  return { gone: true, evidence, at: slowest.readyAt, ...(bound !== undefined && { boundMs: bound }) };
}
