/** The faults of a night as annotations: regions with tags by which a dashboard finds them. */
import type { FaultAnnotation } from '../core/annotation.ts';
import type { Night, NightFault } from '../core/night.ts';
import { plain } from '../core/plain.ts';
import { escapeHtml } from './escape.ts';

/** Grafana keeps a tag as a key and a value of at most 100 characters each. */
const LONGEST_TAG = 100;

export const ANNOTATION_TAG = 'gauntlet';
export const runTag = (run: string): string => tag('run', run);
/** What makes two annotations of a run the same one. */
export const FAULT_TAG = 'fault:';

/** A fault that was never in place has no region. */
export const faultAnnotations = (night: Night): readonly FaultAnnotation[] =>
  night.faults.flatMap((fault) => annotationOf(fault, night));

function annotationOf(fault: NightFault, night: Night): readonly FaultAnnotation[] {
  const { name, kind, status, injectedAt, removedAt } = fault;
  if (injectedAt === null) return [];
  const tags = [
    ...[ANNOTATION_TAG, runTag(night.run), tag('fault', name), tag('kind', kind)],
    ...[tag('campaign', night.campaign), tag('environment', night.target), tag('verdict', night.status)],
    ...(status === 'residue' ? ['residue'] : []),
  ];
  const timeEnd = removedAt === null ? null : Math.round(removedAt);
  return [{ time: Math.round(injectedAt), timeEnd, tags, text: textOf(fault, night) }];
}

function tag(key: string, value: string): string {
  const text = `${key}:${plain(value)}`;
  return text.length <= LONGEST_TAG ? text : text.slice(0, LONGEST_TAG);
}

/** Grafana shows it as HTML. */
function textOf({ name, victim, status, injectedAt, removedAt, whyNotInjected }: NightFault, night: Night) {
  const length =
    injectedAt === null || removedAt === null
      ? 'not proven removed'
      : `${((removedAt - injectedAt) / 1000).toFixed(1)} s`;
  const said = [
    `${name}${victim === '' ? '' : ` on ${victim}`}: ${status === 'residue' ? 'RESIDUE' : length}`,
    ...(whyNotInjected === null ? [] : [`does not count: ${whyNotInjected}`]),
    `${night.status}, run ${night.run}`,
  ].map((line) => escapeHtml(plain(line)));
  const { report } = night;
  const isLink = report !== null && /^https?:\/\/[^\s"'<>]+$/.test(report);
  return [...said, ...(isLink ? [`<a href="${escapeHtml(report)}">report</a>`] : [])].join('<br>');
}
