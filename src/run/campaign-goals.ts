/** The `objectives:` and `abort:` parts of a campaign; an objective's source is the comment behind it (`# source: ...`). */
import { type Place, show } from '../core/errors.ts';
import { faultPhaseNames } from '../core/fault-steps.ts';
import type { AbortCondition, Objective } from '../core/objective.ts';
import type { LoadShape } from '../core/shape.ts';
import { parseAbort, parseObjective } from '../measure/objective-text.ts';
import type { YamlNode, YamlProblems } from '../system/yaml-reader.ts';
import type { CampaignFault } from './campaign-faults.ts';
import { placed } from './campaign-text.ts';

export interface CampaignGoals {
  readonly objectives: readonly Objective[];
  /** Where each objective stands. */
  readonly places: readonly Place[];
  readonly abort: readonly AbortCondition[];
}

export interface KnownNames {
  readonly flows: readonly string[];
  readonly faults: readonly CampaignFault[];
  /** Undefined: warm-up, baseline, faults and a steady end. */
  readonly shape: LoadShape | undefined;
}

export function readGoals(root: YamlNode, problems: YamlProblems, known: KnownNames): CampaignGoals {
  const faults = known.faults.map((fault) => fault.name);
  const phases = known.shape?.steps.map((step) => step.phase) ?? [
    'warmup',
    'baseline',
    ...faultPhaseNames(known.faults),
    'steady',
  ];
  const search = known.shape?.search;
  const names = { flows: known.flows, phases, faults, searches: search ? [search.segment] : [] };
  const written = root.entries.get('objectives');
  if (written !== undefined && written.kind !== 'list' && written.value !== null) {
    const expected = 'a list of lines such as `- gateway.intentions p99 < 500ms in baseline`';
    problems.add(written.place, { subject: 'objectives', expected, got: show(written.value) });
  }
  const places: Place[] = [];
  const objectives = (written?.items ?? []).flatMap((item): Objective[] => {
    const parsed = parseObjective(item.value, names);
    if (!parsed.ok) {
      placed(item, problems, 'objective', parsed.problems);
      return [];
    }
    const source = /^source:\s*(.+)$/.exec(item.comment ?? '')?.[1] ?? null;
    places.push(item.place);
    return [{ ...parsed.value, source }];
  });
  const abortNode = root.entries.get('abort');
  if (abortNode) problems.onlyKeys(abortNode, 'abort key', ['when']);
  const when = abortNode?.entries.get('when');
  const lines = when === undefined ? [] : when.kind === 'list' ? when.items : [when];
  const abort = lines.flatMap((item): AbortCondition[] => {
    const parsed = parseAbort(item.value, names);
    if (parsed.ok) return [parsed.value];
    placed(item, problems, 'abort.when', parsed.problems);
    return [];
  });
  return { objectives, places, abort };
}
