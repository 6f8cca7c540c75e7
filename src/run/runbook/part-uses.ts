/** Who uses what a fault disturbs: from the links of the target, the callers it hits and those it spares. */
import type { PartUse } from '../../core/runbook.ts';

export interface NamedLink {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

/** Our own probes are no users. */
const OURS = 'probe';

/**
 * @param touches links and instances of a fault.
 * @param services by instance: links lead to either name.
 */
export function partUses(
  touches: readonly string[],
  links: readonly NamedLink[],
  services: ReadonlyMap<string, string>,
): readonly PartUse[] {
  const used = links.filter((one) => one.from !== OURS);
  const cut = used.filter((one) => touches.includes(one.name));
  const ends = [...new Set(cut.map((one) => one.to))].map((part): PartUse => {
    const callers = callersIn(cut.filter((one) => one.to === part));
    const all = callersIn(used.filter((one) => one.to === part));
    return { part, callers, spared: all.filter((one) => !callers.includes(one)) };
  });
  const hit = touches.filter((one) => !links.some((link) => link.name === one));
  const instances = hit.flatMap((part): PartUse[] => {
    const names = [part, services.get(part)];
    const callers = callersIn(used.filter((one) => names.includes(one.to)));
    return [{ part, callers, spared: [] }];
  });
  return [...ends, ...instances];
}

const callersIn = (links: readonly NamedLink[]): readonly string[] => [
  ...new Set(links.map((one) => one.from)),
];
