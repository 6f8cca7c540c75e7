/**
 * Which faults of a run were members of a group, and whether the group was as written: every member injected
 * and none cut short, except by the end of the run itself. From the plan and the records alone, so that a
 * killed run is judged alike.
 */
import { recordedEnd } from '../../chaos/injector/group-end.ts';
import { type Grouped, stepsOf } from '../../core/fault-steps.ts';
import type { FaultRecord } from '../../core/result.ts';

/** The same records; those of groups include their part in it. */
export function withGroups(
  records: readonly FaultRecord[],
  planned: readonly (Grouped & { readonly name: string })[],
): readonly FaultRecord[] {
  const parts = stepsOf(planned).flatMap(({ group, members }) => {
    if (group === null) return [];
    const part = { name: group.name, how: group.how, spoiled: causeOf(members, records) };
    return members.map(({ name }) => [name, part] as const);
  });
  const partOf = new Map(parts);
  return records.map((record) => {
    const group = partOf.get(record.name);
    return group === undefined ? record : { ...record, group };
  });
}

/** A failure caused by another member is a consequence: report the cause where there is one. */
function causeOf(
  members: readonly { readonly name: string }[],
  records: readonly FaultRecord[],
): string | null {
  const broken = members.flatMap(({ name }) => {
    const record = records.find((one) => one.name === name);
    const why = record === undefined ? 'the run ended before it' : brokenBecause(record);
    const isConsequence = record !== undefined && recordedEnd(record) === 'group';
    return why === null ? [] : [{ why: `${name}: ${why}`, isConsequence }];
  });
  return (broken.find((one) => !one.isConsequence) ?? broken[0])?.why ?? null;
}

function brokenBecause(record: FaultRecord): string | null {
  // A group that the run itself ended was whole until then; the run reports why it ended, and that is never a
  // PASS.
  const isWhole = record.status === 'injected' && recordedEnd(record) === 'run';
  if (record.cutShort && !isWhole) return `cut short (${record.cutShort})`;
  return record.status === 'not-injected'
    ? `not injected (${record.injection?.evidence ?? 'no evidence'})`
    : null;
}
