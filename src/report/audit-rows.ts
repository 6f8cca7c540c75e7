/** What the audits of a run found, as rows: one for each kind and owner, of both sides. */
import {
  AUDIT_KINDS,
  AUDIT_SIDES,
  type AuditFinding,
  type AuditReading,
  type AuditResult,
  type AuditSide,
  type AuditSideName,
  ownerKey,
} from '../core/audit.ts';
import { formatCount, NONE } from './format.ts';
import type { Tone } from './tone.ts';

export const AUDIT_TITLE = 'Audit of the namespaces';

export interface AuditRow {
  readonly kind: string;
  readonly owner: string;
  /** Objects, such as pods, that show it. */
  readonly before: string;
  readonly after: string;
  readonly state: 'new' | 'as before' | 'over' | 'not known' | 'allowed' | 'not judged';
  readonly tone: Tone;
  /** Names and reasons. */
  readonly seen: string;
}

const TONES: Readonly<Record<AuditRow['state'], Tone>> = {
  new: 'bad',
  'as before': 'warn',
  over: 'good',
  'not known': 'warn',
  allowed: 'soft',
  'not judged': 'soft',
};

const keyOf = (one: AuditFinding): string => `${one.kind} ${ownerKey(one)}`;

export function auditRows({ before, after, worse, most }: AuditResult): readonly AuditRow[] {
  const [was, is] = [byKey(before), byKey(after)];
  const fresh = new Set(worse.map(keyOf));
  // A namespace is named where there are several.
  const several = new Set([...namespacesOf(before), ...namespacesOf(after)]).size > 1;
  const keys = [...new Set([...is.keys(), ...was.keys()])];
  const rows = keys.flatMap((key): (AuditRow & { readonly order: number })[] => {
    const one = is.get(key) ?? was.get(key);
    if (one === undefined) return [];
    const state = one.isAllowed
      ? 'allowed'
      : most[one.kind] === undefined
        ? 'not judged'
        : fresh.has(key)
          ? 'new'
          : is.has(key)
            ? before?.kind === 'read'
              ? 'as before'
              : 'not known'
            : after?.kind === 'read'
              ? 'over'
              : 'not known';
    return [
      {
        ...{ kind: one.kind, owner: several ? `${one.namespace} ${one.owner}` : one.owner },
        before: countIn(before, was.get(key)),
        after: countIn(after, is.get(key)),
        ...{ state, tone: TONES[state], seen: seenText(one) },
        order: AUDIT_KINDS.indexOf(one.kind),
      },
    ];
  });
  return rows.sort((a, b) => a.order - b.order).map(({ order: _, ...row }) => row);
}

const byKey = (side: AuditSide | null): ReadonlyMap<string, AuditFinding> =>
  new Map((side?.kind === 'read' ? side.findings : []).map((one) => [keyOf(one), one]));

const namespacesOf = (side: AuditSide | null): readonly string[] =>
  side?.kind === 'read' ? side.namespaces : [];

const countIn = (side: AuditSide | null, found: AuditFinding | undefined): string =>
  side?.kind === 'read' ? formatCount(found?.objects.length ?? 0) : NONE;

const SHOWN = 3;

function seenText({ objects }: AuditFinding): string {
  const said = objects.slice(0, SHOWN).map(({ name, why }) => `${name}: ${why}`);
  const more = objects.length - said.length;
  return `${said.join('; ')}${more > 0 ? `; and ${formatCount(more)} more` : ''}`;
}

const WHEN: Readonly<Record<AuditSideName, string>> = {
  before: 'Before the load',
  after: 'After the last recovery',
};

/** One line a side, then what is no longer there. */
export const auditLines = (audit: AuditResult): readonly string[] => [
  ...AUDIT_SIDES.map((side) => `${WHEN[side]}: ${sideText(audit[side])}.`),
  ...(audit.gone.length > 0 ? [`No longer there: ${audit.gone.join(', ')}.`] : []),
];

export function sideText(side: AuditSide | null): string {
  if (side === null) return 'not made, the run ended before it';
  if (side.kind === 'failed') return `could not be made: ${side.why}`;
  return readingText(side);
}

/** `86 pods, 85 workloads and 85 Services in shop; 2 findings`. */
export function readingText({ pods, workloads, services, namespaces, findings }: AuditReading): string {
  const of = (isAllowed: boolean): number =>
    findings.reduce((sum, one) => sum + (one.isAllowed === isAllowed ? one.objects.length : 0), 0);
  const allowed = of(true) === 0 ? '' : `, and ${formatCount(of(true))} allowed`;
  const found = of(false) === 0 ? 'no finding' : many(of(false), 'finding');
  const listed = `${many(pods, 'pod')}, ${many(workloads.length, 'workload')} and ${many(services, 'Service')}`;
  return `${listed} in ${namespaces.join(', ')}; ${found}${allowed}`;
}

const many = (count: number, what: string): string =>
  `${formatCount(count)} ${what}${count === 1 ? '' : 's'}`;
