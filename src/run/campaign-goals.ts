/** The `objectives:` and `abort:` parts of a campaign; an objective's source is the comment behind it (`# source: ...`). */
import { show } from '../core/errors.ts';
import type { AbortCondition, Objective } from '../core/objective.ts';
import { parseAbort, parseObjective } from '../measure/objective-text.ts';
import type { YamlNode, YamlProblems } from '../system/yaml-reader.ts';
import type { CampaignFault } from './campaign-faults.ts';

export interface CampaignGoals {
  readonly objectives: readonly Objective[];
  readonly abort: readonly AbortCondition[];
}

export interface KnownNames {
  readonly flows: readonly string[];
  readonly faults: readonly CampaignFault[];
}

export function readGoals(root: YamlNode, problems: YamlProblems, known: KnownNames): CampaignGoals {
  const faults = known.faults.map((fault) => fault.name);
  const phases = [
    'warmup',
    'baseline',
    ...faults.flatMap((name) => [`fault:${name}`, `recovery:${name}`]),
    'steady',
  ];
  const names = { flows: known.flows, phases, faults };
  const objectives = (root.entries.get('objectives')?.items ?? []).flatMap((item): Objective[] => {
    const parsed = parseObjective(item.value, names);
    if (!parsed.ok) {
      placed(item, problems, 'objective', parsed.problems);
      return [];
    }
    const source = /^source:\s*(.+)$/.exec(item.comment ?? '')?.[1] ?? null;
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
  return { objectives, abort };
}

interface TextProblem {
  readonly column: number;
  readonly expected: string;
  readonly got: string;
  readonly next?: string;
}

/** Columns inside the text become columns of the file; a quoted text begins one column later. */
function placed(
  item: YamlNode,
  problems: YamlProblems,
  subject: string,
  found: readonly TextProblem[],
): void {
  for (const problem of found) {
    const { column, ...said } = problem;
    const place = { ...item.place, column: item.place.column + Math.max(0, column - 1) };
    problems.add(place, { subject, ...said, got: said.got === '' ? show(item.value) : said.got });
  }
}
