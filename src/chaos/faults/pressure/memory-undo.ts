/**
 * The undo of a memory stress: the cgroup is gone, a surviving victim is back in its own cgroup, and the
 * service is complete.
 */
import { z } from 'zod';
import type { MemoryUndo } from '../../../core/acts/memory-acts.ts';
import { describeVictim } from '../../../core/topology.ts';
import type { RemovalState } from '../../fault.ts';
import { containerShape, idShape, processShape } from '../../undo-shapes.ts';
import { needActs, type World } from '../../world.ts';
import { type KillUndo, killRemoved, killUndoShape } from '../instances/kill-removal.ts';

export type MemoryKillUndo = KillUndo & { readonly memory: MemoryUndo };

export const memoryUndoShape = killUndoShape.extend({
  memory: z.object({
    id: idShape,
    victim: processShape,
    run: containerShape.exactOptional(),
    group: z.string(),
    oomScoreAdj: z.int().min(-1000).max(1000),
  }),
});

export async function memoryRemoved(
  fault: string,
  undo: MemoryKillUndo,
  world: World,
): Promise<RemovalState> {
  const { memory, instances } = needActs(fault, world, ['memory', 'instances']);
  const { id, victim, run, group, oomScoreAdj } = undo.memory;
  if ((await memory.list()).some((one) => one.id === id)) {
    return { gone: false, evidence: `${id} is still held` };
  }
  const now = await memory.means(run ?? victim);
  if (now.kind === 'none') return { gone: false, evidence: `the victim's cgroup is unknown: ${now.why}` };
  if (now.kind === 'cgroup' && (now.group !== group || now.oomScoreAdj !== oomScoreAdj)) {
    const is = `is in ${now.group} with oom_score_adj ${now.oomScoreAdj}`;
    return { gone: false, evidence: `${describeVictim(victim)} ${is}, before ${group} with ${oomScoreAdj}` };
  }
  const { evidence, ...back } = await killRemoved(undo, instances, world);
  const ended = await memory.endedAt(id);
  // A surviving victim has no successor whose readiness would mark the end.
  const known = back.at ?? (now.kind === 'cgroup' ? ended : null);
  const isLater = ended !== null && known !== null && ended >= known;
  const said = { gone: back.gone, evidence: `no cgroup and no hog is left; ${evidence}` };
  return isLater ? { ...said, at: ended } : { ...back, ...said };
}
