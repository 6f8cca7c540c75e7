/** The questions of a target that its doctor lists, each with what a good answer is. */
import { messageOf } from '../../core/errors.ts';
import type { Topology } from '../../core/topology.ts';
import { formatMs } from '../../core/units.ts';
import { asksOf, CONTRACT, diallerOf, sayAsk } from '../../protocols/asks.ts';
import { probeNames } from '../../targets/probes/create-probe.ts';
import type { Check } from './check-cluster-journal.ts';

/** Questions that are not asked now: contracts act on the target, and others have a reason to be rare. */
export function otherAsks(topology: Topology): readonly Check[] {
  const usual = probeNames(topology);
  return asksOf(topology).flatMap((one): Check[] => {
    if (usual.includes(one.name)) return [];
    const { asks, expects } = sayAsk(one);
    const when = one.ask === CONTRACT ? 'asked once before load' : 'watched when a campaign names it';
    const every = one.everyMs === null ? '' : `, every ${formatMs(one.everyMs)}`;
    try {
      diallerOf(one, topology);
      return [{ ok: true, subject: one.name, detail: `${asks}, expects ${expects}${every}; ${when}` }];
    } catch (error) {
      return [{ ok: false, subject: one.name, detail: messageOf(error) }];
    }
  });
}
