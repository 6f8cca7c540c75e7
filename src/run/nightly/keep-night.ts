/** A night enters its history: judged after quarantine, and once only. */
import type { Night } from '../../core/night.ts';
import { type Reason, type VerdictStatus, worst } from '../../core/verdict.ts';
import { judgeNight } from '../../measure/quarantine/judge-night.ts';
import type { HistoryStore } from '../history/history-store.ts';
import { withNightId } from '../history/night-id.ts';
import type { NightFields } from '../history/night-of-run.ts';

export interface KeptNight {
  readonly night: Night;
  /** False: it was there already. */
  readonly isNew: boolean;
  /** What the run said and quarantine keeps from deciding. */
  readonly setAside: readonly Reason[];
  /** Part of the headline; null: nothing is in quarantine. */
  readonly quarantine: string | null;
}

/** On the disk when it returns. @throws as {@link HistoryStore.add}. */
export function keepNight(history: HistoryStore, fields: NightFields, now: Date): KeptNight {
  const { status, reasons, setAside, quarantine, headline } = judgeNight(fields, history.quarantine(), now);
  const there = history.nights().find((one) => one.run === fields.run);
  if (there !== undefined) return { night: there, isNew: false, setAside, quarantine: headline };
  const night = withNightId({ ...fields, ...withReference({ status, reasons }, fields), quarantine });
  return { night, isNew: history.add(night) === 'added', setAside, quarantine: headline };
}

/** What a comparison with a reference does to a night: only a FAIL fails it, and none at all is in doubt. */
const BY_REFERENCE: Readonly<Record<VerdictStatus, VerdictStatus>> = {
  PASS: 'PASS',
  INCONCLUSIVE: 'PASS',
  FAIL: 'FAIL',
  'NO-DATA': 'INCONCLUSIVE',
  INVALID: 'INCONCLUSIVE',
  RESIDUE: 'RESIDUE',
};

/** As a night is kept. Pure. */
export function withReference(
  { status, reasons }: Pick<Night, 'status' | 'reasons'>,
  { reference }: Pick<NightFields, 'reference'>,
): Pick<Night, 'status' | 'reasons'> {
  if (reference === undefined) return { status, reasons };
  const own = BY_REFERENCE[reference.status];
  const text = `against ${reference.target}: ${reference.status}: ${reference.sentence}`;
  return { status: worst([status, own]), reasons: [...reasons, { status: own, text }] };
}
