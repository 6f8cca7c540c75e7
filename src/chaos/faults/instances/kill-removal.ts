/**
 * When a kill is over: the victims are gone, as many instances are ready as before, and each has a recovery
 * timeline.
 */
import { z } from 'zod';
import type { InstanceActs, LifeMark } from '../../../core/acts/instance-acts.ts';
import { describeVictims, isSameVictim, type Victim } from '../../../core/topology.ts';
import { type EpochMs, ms } from '../../../core/units.ts';
import type { RemovalState } from '../../fault.ts';
import { countShape, idShape, victimShape } from '../../undo-shapes.ts';
import type { World } from '../../world.ts';
import type { KillAct } from './kill-proof.ts';
import { type Replacement, replacementsOf } from './pod-timeline.ts';
import { notReadyAgain, sayReady } from './ready-again.ts';

export type KillUndo = {
  readonly service: string;
  readonly victims: readonly Victim[];
  /** Every instance that existed before: none of them is a successor. */
  readonly known: readonly Victim[];
  readonly readyBefore: number;
  /**
   * Epoch ms until which a victim that still runs may be draining after SIGTERM; null for SIGKILL, which no
   * process survives. A replay after a crash cannot know whether the signal was ever sent.
   */
  readonly drainUntil: number | null;
  /** As in KillAct. */
  readonly inside?: KillAct['inside'];
  /** As in KillAct: deleted in any case, because a remaining order may be carried out later. */
  readonly order?: string;
};

export const killUndoShape = z.object({
  service: z.string(),
  victims: z.array(victimShape),
  known: z.array(victimShape),
  readyBefore: countShape,
  drainUntil: z.number().nullable(),
  inside: z.object({ container: z.string(), process: z.string().nullable() }).nullable().exactOptional(),
  order: idShape.exactOptional(),
});

/**
 * An EndpointSlice follows its pod within 0.1 s; if it takes longer than this, the Service does not select
 * the pod.
 */
const ENDPOINT_MS = 5000;
const POLL_MS = ms(50);

/** Traffic follows shortly after ready: waits for it if the victim had traffic too. */
export async function replacementsWithEndpoints(
  undo: KillUndo,
  instances: InstanceActs,
  world: World,
): Promise<Replacement[]> {
  const until = world.clock.now() + ENDPOINT_MS;
  for (;;) {
    const lives = await instances.lives(undo.service);
    const replacements = [...replacementsOf(undo.victims, lives, undo.known)];
    const hadEndpoints = lives.some(
      (life) =>
        undo.victims.some((victim) => isSameVictim(victim, life)) &&
        life.marks?.some((mark) => mark.name === 'endpoint ready'),
    );
    const hasEndpoints = replacements.every((one) =>
      one.marks?.some((mark) => mark.name === 'endpoint ready'),
    );
    if (!hadEndpoints || hasEndpoints || world.clock.now() > until) return replacements;
    await world.clock.sleep(POLL_MS);
  }
}

export async function killRemoved(
  undo: KillUndo,
  instances: InstanceActs,
  world: World,
): Promise<RemovalState> {
  const now = await instances.list(undo.service);
  const running = now.filter((one) => one.isEnded !== true);
  const alive = undo.victims.filter((victim) => running.some((one) => isSameVictim(one, victim)));
  if (alive.length > 0 && undo.drainUntil !== null && world.clock.now() < undo.drainUntil) {
    return { gone: false, evidence: `${describeVictims(alive)} still runs and may be draining` };
  }
  const waits = notReadyAgain(now, undo);
  if (waits !== null) return waits;
  const lives = await instances.lives(undo.service);
  const replacements = replacementsOf(undo.victims, lives, undo.known);
  const old = alive.length > 0 ? `${describeVictims(alive)} was not killed` : 'the old process is gone';
  const evidence = `${old}, ${sayReady(now, undo)}`;
  if (replacements.length < undo.victims.length) return { gone: true, evidence };
  const slowest = [...replacements].sort((a, b) => b.readyAt - a.readyAt)[0];
  if (slowest === undefined) return { gone: true, evidence };
  return { gone: true, evidence, ...readyStamp(slowest.readyAt, slowest.marks) };
}

/** When a successor was ready; with a bound, if the platform gives bounds. */
export function readyStamp(
  at: EpochMs,
  marks: readonly LifeMark[] | undefined,
): Pick<RemovalState, 'at' | 'boundMs'> {
  const boundMs = marks?.find((mark) => mark.name === 'ready')?.boundMs;
  return { at, ...(boundMs !== undefined && { boundMs }) };
}
