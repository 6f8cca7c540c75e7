/**
 * The objectives and abort limits of a campaign. The comment after an objective is its source (`# source:
 * ...`).
 */
import type { AuditGoal } from '../core/audit.ts';
import { type Place, show } from '../core/errors.ts';
import { faultPhaseNames } from '../core/fault-steps.ts';
import type { AbortCondition, Objective } from '../core/objective.ts';
import type { LoadShape } from '../core/shape.ts';
import type { System } from '../core/system.ts';
import { isAuditLine, parseAuditLine } from './audit-line.ts';
import type { CampaignFault } from './campaign-faults.ts';
import { addTextProblems, type Line, linesAt } from './line-places.ts';
import { type KnownNames, parseAbort, type TextParsed } from './objective-line.ts';
import type { Problems } from './problems.ts';
import { parseGoal } from './slo-line.ts';
import type { Path } from './user-file.ts';

export interface CampaignGoals {
  readonly objectives: readonly Objective[];
  /** The place of each objective in the file. */
  readonly places: readonly Place[];
  readonly abort: readonly AbortCondition[];
  /** Objectives on the namespaces of the target, with their places. */
  readonly audit: readonly AuditGoal[];
  readonly auditPlaces: readonly Place[];
}

/** What the objectives of a campaign may name. */
export interface Goalposts {
  readonly flows: readonly string[];
  /** Flows of a closed model. */
  readonly closed: readonly string[];
  /** Questions of the system. */
  readonly asks: readonly string[];
  readonly faults: readonly CampaignFault[];
  /** Null: warm-up, baseline, faults and a steady end. */
  readonly shape: LoadShape | null;
  /** What it is a campaign for. */
  readonly system: Pick<System, 'services' | 'slos'>;
  /** Paths of the system and their stages; absent: none. */
  readonly paths?: readonly string[];
}

export function goalsOf(known: Goalposts, problems: Problems): CampaignGoals {
  const { file } = problems;
  const { services, slos } = known.system;
  const names = {
    ...{ ...namesOf(known), closed: known.closed, asks: known.asks },
    ...{ services: services.map((one) => one.name), slos },
  };
  const goals = known.paths === undefined ? names : { ...names, paths: known.paths };
  const isAudit = ({ line }: Line): boolean => isAuditLine(line);
  const lines = linesAt(file, ['objectives']);
  const ofFlows = lines.filter((one) => !isAudit(one));
  const objectives = parsedLines(ofFlows, (line) => parseGoal(line, goals), problems);
  const audit = parsedLines(lines.filter(isAudit), parseAuditLine, problems);
  const sourceAt = (at: Path): string | null =>
    /^source:\s*(.+)$/.exec(file.commentOf(at) ?? '')?.[1] ?? null;
  const abort = parsedLines(linesAt(file, ['abort', 'when']), (line) => parseAbort(line, names), problems);
  return {
    objectives: objectives.map(({ value, at }) => ({ ...value, source: value.source ?? sourceAt(at) })),
    places: objectives.map(({ at }) => file.placeOf(at)),
    abort: abort.map(({ value }) => value),
    audit: audit.map(({ value, at }) => ({ ...value, source: sourceAt(at) })),
    auditPlaces: audit.map(({ at }) => file.placeOf(at)),
  };
}

function namesOf({ flows, faults, shape }: Goalposts): KnownNames {
  const phases = shape?.steps.map((step) => step.phase) ?? [
    'warmup',
    'baseline',
    ...faultPhaseNames(faults),
    'steady',
  ];
  const searches = shape?.search ? [shape.search.segment] : [];
  return { flows, phases, faults: faults.map((fault) => fault.name), searches };
}

function parsedLines<Value>(
  lines: readonly Line[],
  parse: (line: string) => TextParsed<Value>,
  problems: Problems,
): readonly { readonly value: Value; readonly at: Path }[] {
  return lines.flatMap(({ line, at }) => {
    const parsed = parse(line);
    if (parsed.ok) return [{ value: parsed.value, at }];
    addTextProblems(parsed.problems, at, show(line), problems);
    return [];
  });
}
