/**
 * The few numbers that a GitLab merge request compares with those of its target branch
 * (`artifacts:reports:metrics`). GitLab compares them as text, so every number has three significant digits,
 * every line has a fixed place, and a number that was not measured has no line.
 */
import { escapeLabel } from '../escape.ts';
import type { Family, Sample } from './family.ts';
import { type MetricsInput, metricsOf } from './samples.ts';

/** `name{label="value"} number`, one a line; ends with a line break. */
export function renderGitlab(input: MetricsInput): string {
  const families = metricsOf(input);
  const gate = families.filter((one) => one.name.startsWith('gauntlet_gate_'));
  const named = (name: string): readonly Family[] => families.filter((one) => one.name === name);
  const shown = [
    ...named('gauntlet_exit_code'),
    ...gate,
    ...(gate.length > 0 ? [] : [...undisturbed(input, named), ...degraded(named)]),
  ];
  return shown.flatMap((family) => family.samples.flatMap((sample) => lineOf(family, sample))).join('');
}

/** One report is of one campaign and target: its name is the job's. */
const COMMON: readonly string[] = ['campaign', 'environment'];

function lineOf({ name }: Family, { labels, value }: Sample): readonly string[] {
  if (!Number.isFinite(value)) return [];
  const inside = Object.entries(labels)
    .filter(([label]) => !COMMON.includes(label))
    .map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  const braces = inside.length === 0 ? '' : `{${inside.join(',')}}`;
  return [`${name}${braces} ${Number(value.toPrecision(3))}\n`];
}

type Named = (name: string) => readonly Family[];

/** Of the baseline; for a campaign without one, of its steady phase. */
function undisturbed({ night }: MetricsInput, named: Named): readonly Family[] {
  const phaseOf = (flow: string): string | undefined =>
    ['baseline', 'steady'].find((one) => night.flows[flow]?.[one] !== undefined);
  const families = [...named('gauntlet_response_seconds'), ...named('gauntlet_failed_ratio')];
  return families.map((family) => ({
    ...family,
    samples: family.samples.filter(({ labels }) => labels['phase'] === phaseOf(labels['flow'] ?? '')),
  }));
}

/** Levels that never degraded have no recovery to compare. */
function degraded(named: Named): readonly Family[] {
  const placeOf = ({ labels }: Sample): string => JSON.stringify([labels['fault'], labels['sli']]);
  const seconds = named('gauntlet_recovery_seconds');
  const calm = new Set(seconds.flatMap((one) => one.samples.filter(({ value }) => value === 0).map(placeOf)));
  return [...named('gauntlet_recovery_censored'), ...seconds].map((family) => ({
    ...family,
    samples: family.samples.filter((one) => !calm.has(placeOf(one))),
  }));
}
