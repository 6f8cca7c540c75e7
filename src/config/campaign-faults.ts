/** The faults of a campaign with their names and groups. A kind that occurs twice gets a number. */
import { type Place, show } from '../core/errors.ts';
import { groupName } from '../core/fault-steps.ts';
import type { FaultGroup, PlannedFault } from '../core/plan.ts';
import type { CampaignShape } from './campaign.ts';
import { type How, isGroup, type ReadFault } from './fault-list.ts';
import type { Partly } from './partly.ts';
import type { Path, UserFile } from './user-file.ts';

export interface CampaignFault extends PlannedFault {
  readonly at: Place;
  readonly group?: FaultGroup;
}

/**
 * All members of all groups in the order of the campaign, each with its group; without those that could not
 * be read.
 */
export function faultsOf(written: Partly<CampaignShape>['faults'], file: UserFile): readonly CampaignFault[] {
  const seen = new Map<string, number>();
  const named = (fault: CampaignFault): CampaignFault => {
    const count = (seen.get(fault.kind) ?? 0) + 1;
    seen.set(fault.kind, count);
    return { ...fault, name: count === 1 ? fault.kind : `${fault.kind}#${count}` };
  };
  return (written ?? []).flatMap((step, index) => {
    const path = ['faults', index];
    const [key, value] = Object.entries(step ?? {})[0] ?? [];
    if (key === undefined || !isGroup(key)) return faultOf(step, path, file).map(named);
    const list = (value ?? []) as readonly unknown[];
    const members = list.flatMap((one, at) => faultOf(one, [...path, key, at], file)).map(named);
    const group = { name: nameOf(key, members), how: key };
    return members.map((one) => ({ ...one, group }));
  });
}

const nameOf = (how: How, members: readonly CampaignFault[]): string =>
  groupName(
    how,
    members.map((one) => one.name),
  );

function faultOf(item: unknown, path: Path, file: UserFile): readonly CampaignFault[] {
  const [kind, read] = Object.entries((item ?? {}) as Partial<Record<string, Partial<ReadFault>>>)[0] ?? [];
  if (kind === undefined || read?.spec === undefined || read.holdMs === undefined) return [];
  const { spec, holdMs, endsInMs } = read;
  const written = show(file.valueAt([...path, kind]));
  return [{ name: kind, kind, spec, written, holdMs, ...(endsInMs && { endsInMs }), at: file.placeOf(path) }];
}
