/** Which kinds of acts a platform has by name and this machine does not allow, with what is missing. */
import type { Platform } from '../core/platform.ts';
import { isProcess } from '../core/topology.ts';

export type LackingKind = 'stress' | 'memory';

/** By kind of act; nobody's CPU or memory is touched. @throws when the platform does not answer. */
export async function lackingMeans(platform: Platform): Promise<ReadonlyMap<LackingKind, string>> {
  const { instances, stress, memory } = platform;
  const lacking = new Map<LackingKind, string>();
  const cpu = await stress?.means();
  if (cpu?.kind === 'none') lacking.set('stress', cpu.why);
  if (memory === undefined || instances === undefined) return lacking;
  for (const victim of (await instances.list()).filter(isProcess)) {
    const means = await memory.means(victim);
    // One that has just ended says nothing about its neighbours.
    if (means.kind === 'gone') continue;
    if (means.kind === 'none') lacking.set('memory', means.why);
    break;
  }
  return lacking;
}
