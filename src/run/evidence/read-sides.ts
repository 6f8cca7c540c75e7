/**
 * What each target of a run left: its journal and the answers of its probes. A run has one target, a gate
 * with faults two.
 */
import type { Flaw } from '../../core/flaw.ts';
import { baselineRun } from '../../core/gate-recovery.ts';
import type { Plan } from '../../core/plan.ts';
import type { FaultRecord } from '../../core/result.ts';
import type { ProbeSample } from '../../core/samples.ts';
import { checkJournal, type JournalQuestion } from './check-journal.ts';
import { checkProbes, readProbes } from './probe-reader.ts';
import type { NumberedEvent } from './read-records.ts';
import { RUN_FILES } from './run-directory.ts';

export interface SidesQuestion {
  readonly events: readonly NumberedEvent[];
  /** Undefined: it cannot be read, and nothing is compared with it. */
  readonly plan: Plan | undefined;
  readonly records: readonly FaultRecord[];
  /** Epoch ms in which every answer of a probe was asked for; undefined: not known. */
  readonly span: { readonly from: number; readonly to: number } | undefined;
  /** Epoch ms at which the run stopped its probes; undefined: it was killed. */
  readonly until: number | undefined;
}

export interface StoredSides {
  /** The samples of the target that the fault was injected into. */
  probesOf(fault: string): readonly ProbeSample[];
  /** Of both targets. */
  readonly samples: readonly ProbeSample[];
  readonly flaws: readonly Flaw[];
  readonly cut: readonly Flaw[];
}

export function readSides(
  runDir: string,
  { events, plan, records, span, until }: SidesQuestion,
): StoredSides {
  const sides = sidesOf(plan).map((side) => {
    const probes = readProbes(runDir, side.probes, span);
    const journal = checkJournal(runDir, side, events, plan);
    const own = records.filter((record) => side.covers(record.name));
    const flaws = [...journal.flaws, ...probes.flaws, ...checkProbes(probes, own, until)];
    return { side, samples: probes.samples, flaws, cut: [...probes.cut, ...journal.cut] };
  });
  return {
    probesOf: (fault) => sides.find(({ side }) => side.covers(fault))?.samples ?? [],
    samples: sides.flatMap((one) => one.samples),
    flaws: sides.flatMap((one) => one.flaws),
    cut: sides.flatMap((one) => one.cut),
  };
}

type Side = JournalQuestion & { readonly probes: string };

function sidesOf(plan: Plan | undefined): readonly Side[] {
  const { journal, probes, baselineJournal, baselineProbes } = RUN_FILES;
  const ofBaseline = new Set(
    (plan?.faults ?? []).filter((one) => one.side === 'baseline').map((one) => one.name),
  );
  const usual = { file: journal, probes, run: plan?.id, covers: (name: string) => !ofBaseline.has(name) };
  if (plan?.gate?.recovery === undefined) return [usual];
  const other = {
    ...{ file: baselineJournal, probes: baselineProbes, run: baselineRun(plan.id) },
    covers: (name: string) => ofBaseline.has(name),
  };
  return [usual, other];
}
