/**
 * Foreign scripts that run by their own executors: a run without faults lasts as long as they do. The rates
 * of a campaign do not reach them, so nothing may rely on those.
 */
import type { CampaignLoad } from './campaign-load.ts';
import type { Problems } from './problems.ts';

export const isWritten = (key: string, { file }: Problems): boolean => file.valueAt([key]) !== undefined;

const isOwn = ({ foreign }: CampaignLoad): boolean => foreign !== undefined && !foreign.isGiven;

/** Whether k6 could not read one of the scripts. */
export function hasUnread(load: readonly CampaignLoad[], { file }: Problems): boolean {
  const written = file.valueAt(['load']);
  const scripts = Array.isArray(written) ? written.filter((one) => Object.hasOwn(Object(one), 'script')) : [];
  return load.filter((one) => one.foreign !== undefined).length < scripts.length;
}

/** With a baseline of its own, or with faults, a campaign says how long it takes. */
export function endsByItself(load: readonly CampaignLoad[], problems: Problems): boolean {
  const says = ['baseline', 'faults', 'shape'].some((key) => isWritten(key, problems));
  return load.length > 0 && load.every(isOwn) && !says;
}

/** Flows without due times: what a stall prevented is not seen. */
export const closedFlows = (load: readonly CampaignLoad[]): readonly string[] =>
  load.flatMap(({ scenario }) =>
    scenario.flows.filter((_, index) => scenario.script?.flows[index]?.model === 'closed'),
  );

/** Segments of a shape, and the two versions of a gate, need loads whose rates are those of the campaign. */
export function refuseOwnSchedules(problems: Problems): void {
  const key = ['shape', 'gate'].find((one) => isWritten(one, problems));
  if (key === undefined) return;
  const { file } = problems;
  const next = 'Write rate: and exec: next to it, so that the campaign gives the schedule.';
  const written = (file.valueAt(['load']) ?? []) as readonly unknown[];
  written.forEach((item, index) => {
    const has = (name: string): boolean => Object.hasOwn(Object(item), name);
    if (!has('script') || has('rate') || has('stages')) return;
    const expected = `a schedule of the campaign together with ${key}`;
    problems.add(['load', index, 'script'], expected, { got: "the script's own executors", next });
  });
}
