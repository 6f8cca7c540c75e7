/**
 * The story of a night, top-down.
 *
 *     before   read the files → open the history (a missing one is an error) → lock the target → undo
 *              what dead runs left → add the nights that killed nightlies left → note this night → doctor
 *     run      as `gauntlet run`
 *     after    judge the folder from disk → quarantine → add the night → trend → tell changes → publish
 *
 * From the lock on every end leaves a record: a target that is missing, a run that fails, Ctrl-C, a kill.
 */
import { resolve } from 'node:path';
import { GauntletError } from '../core/errors.ts';
import type { Night } from '../core/night.ts';
import type { Plan } from '../core/plan.ts';
import type { Result } from '../core/result.ts';
import type { Trend } from '../core/trend.ts';
import { type Reason, type VerdictStatus, worst } from '../core/verdict.ts';
import { openEntries } from '../measure/quarantine/in-force.ts';
import { mayLeave } from '../measure/quarantine/passes.ts';
import type { ReportInput } from '../report/input.ts';
import { compareWithReference, type ReferenceAsked, requireReference } from './compare-reference.ts';
import { refuseTaken } from './evidence/run-directory.ts';
import { shownPath } from './files/shown-path.ts';
import type { HistoryStore } from './history/history-store.ts';
import type { NightFields } from './history/night-of-run.ts';
import { openHistory } from './history/open-history.ts';
import { refuseOther } from './history/page.ts';
import { gapNight, reasonsOf } from './nightly/gap-night.ts';
import { judgeFolder } from './nightly/judge-folder.ts';
import { type KeptNight, keepNight } from './nightly/keep-night.ts';
import { historyPlace, leftNights, nightBegun, nightKept } from './nightly/left-nights.ts';
import { type Publication, publish } from './nightly/publish.ts';
import { newChanges, trendOfHistory } from './nightly/trend-of-history.ts';
import { namedTarget } from './open/names.ts';
import { peekTopology } from './open/open-target.ts';
import { type PreparedRun, planOf, prepare, type RunCommandRequest, versionsOf } from './prepare.ts';
import { requireHealthy } from './require-healthy.ts';
import { runPrepared } from './story.ts';

export interface NightlyRequest extends RunCommandRequest {
  /** A folder, or `git:BRANCH`. */
  readonly history: string;
  /** Begins a new history where none is. */
  readonly bootstrap: boolean;
  /** What is tested: commit or image digest by service. */
  readonly subject: Readonly<Record<string, string>>;
  /** Where the reports will be found; null: in the folder of the run. */
  readonly report: string | null;
  /** Folder of the history page; undefined: none is wanted. */
  readonly page: string | undefined;
  /** Target of a reference version that is up beside tonight's; undefined: none. */
  readonly reference: string | undefined;
}

export interface NightlyOutcome {
  readonly night: Night;
  /** As {@link KeptNight}. */
  readonly setAside: readonly Reason[];
  /** A sentence for each entry of the quarantine that has passed long enough. */
  readonly mayLeave: readonly string[];
  readonly quarantine: string | null;
  /** Of the run; null: nothing was measured. */
  readonly input: ReportInput | null;
  readonly runDir: string;
  readonly trend: Trend;
  /** The worst of the night and of what the trend fails. */
  readonly status: VerdictStatus;
  /** Why the run did not come to its end; undefined: it did. */
  readonly ended: unknown;
  readonly publications: readonly Publication[];
}

/**
 * @throws usage and refused before anything is touched: no history, a wrong campaign, a busy target. Then
 * nothing is recorded.
 */
export async function nightlyStory(request: NightlyRequest): Promise<NightlyOutcome> {
  const opened = await readAndOpen(request);
  const { prepared, history, runDir } = opened;
  try {
    refuseTaken(runDir);
    const runs = new Map([[prepared.id, runDir]]);
    const tonight = await runTonight({ ...opened, request, runs });
    const of = { campaign: tonight.night.campaign, environment: tonight.night.environment.key };
    const trend = trendOfHistory(history, of);
    history.tell(newChanges(trend).map((one) => ({ ...of, ...one, toldIn: tonight.night.id })));
    const publications = await publish({
      ...{ history, runs, page: request.page, receivers: prepared.campaign.publish },
      input: { night: tonight.night, ...known(tonight.input), trend },
      ...{ places: request.places, env: request.env, signal: request.signal },
    });
    const status = worst([tonight.night.status, trend.status === 'FAIL' ? 'FAIL' : 'PASS']);
    const entries = openEntries(history.quarantine(of), new Date());
    const leaving = mayLeave(entries, history.nights(of));
    return { ...tonight, runDir, trend, status, publications, mayLeave: leaving };
  } finally {
    await history.close();
  }
}

const known = (
  input: ReportInput | null,
): { readonly plan: Plan | null; readonly result: Result | null } => ({
  plan: input?.plan ?? null,
  result: input?.result ?? null,
});

interface Opened {
  readonly prepared: PreparedRun;
  readonly history: HistoryStore;
  readonly runDir: string;
  /** Null: no comparison is wanted. */
  readonly comparison: ReferenceAsked | null;
}

/** Both are read before either complains: a user sees all that is wrong at once. */
async function readAndOpen(request: NightlyRequest): Promise<Opened> {
  const { places, env, signal, progress, subject } = request;
  const problems: unknown[] = [];
  let read: Omit<Opened, 'history'> | undefined;
  try {
    const prepared = { ...(await prepare(request)), ...(Object.keys(subject).length > 0 && { subject }) };
    requireComparable(prepared);
    const runDir = request.out ?? resolve('reports', prepared.id);
    const comparison = referenceAsked(request, prepared, runDir);
    if (comparison !== null) await requireReference(comparison);
    read = { prepared, runDir, comparison };
  } catch (error) {
    problems.push(error);
  }
  if (request.page !== undefined)
    try {
      refuseOther(request.page);
    } catch (error) {
      problems.push(error);
    }
  let history: HistoryStore | undefined;
  try {
    // A new history is not begun for a campaign that cannot be run.
    const bootstrap = request.bootstrap && problems.length === 0;
    if (problems.length === 0 || !request.bootstrap)
      history = await openHistory(request.history, { places, env, bootstrap, signal, progress });
    // A damaged record would be found only after the night.
    history?.nights();
  } catch (error) {
    problems.push(error);
  }
  if (read !== undefined && history !== undefined && problems.length === 0) return { ...read, history };
  await history?.close();
  throw joined(problems);
}

function joined(errors: readonly unknown[]): unknown {
  const usage = errors.filter((one) => one instanceof GauntletError && one.kind === 'usage');
  if (usage.length < errors.length || usage.length < 2) return errors[0];
  return new GauntletError(
    'usage',
    usage.flatMap((one) => (one as GauntletError).problems),
  );
}

/** Each night would search for its own rate, and no two could be compared. */
function requireComparable({ campaign }: PreparedRun): void {
  const searched = campaign.load.filter((one) => one.auto).map((one) => one.scenario.name);
  if (searched.length === 0) return;
  throw new GauntletError('usage', [
    {
      subject: `campaign ${campaign.name}: ${searched.join(', ')}`,
      expected: 'a fixed rate, so that nights can be compared',
      got: 'rate: auto',
      next: 'Write the rate that gauntlet run found, such as rate: 20/s.',
    },
  ]);
}

interface Tonight extends Opened {
  readonly request: NightlyRequest;
  /** By run id: of the nights that this nightly adds. */
  readonly runs: Map<string, string>;
}

/** Resolves when its night is in the history, whatever became of the run. */
async function runTonight(tonight: Tonight): Promise<KeptNight & Pick<NightlyOutcome, 'input' | 'ended'>> {
  const { request, prepared, history, runDir } = tonight;
  const { places, progress } = request;
  const plan = await plannedNight(tonight);
  const startedAt = new Date().toISOString();
  const report = request.report ?? shownPath(runDir);
  const interrupted: Reason = { status: 'INVALID', text: 'interrupted: killed before its load' };
  const gapOf = (reasons: readonly Reason[]): NightFields =>
    gapNight(plan, { startedAt, endedAt: new Date().toISOString(), reasons, report });
  let hasBegun = false;
  let ended: unknown;
  try {
    await runPrepared(
      prepared,
      { ...request, out: runDir },
      {
        locked(identity) {
          addLeft(tonight, identity);
          const place = historyPlace(request.history);
          nightBegun(places, {
            history: place,
            identity,
            runDir: resolve(runDir),
            gap: gapOf([interrupted]),
          });
          hasBegun = true;
        },
        opened: (opened) => requireHealthy(prepared.target, opened, prepared.campaign),
      },
    );
  } catch (error) {
    if (!hasBegun) throw error;
    ended = error;
  }
  const { fields, input } = judgeFolder(runDir, gapOf(ended === undefined ? [] : reasonsOf(ended)), progress);
  const compared = await comparedFields(tonight, fields, ended);
  const kept = keepNight(history, compared, new Date());
  nightKept(places, prepared.id);
  return { ...kept, input, ended };
}

/** The night with its comparison, where one was asked for and the run came to its end. */
async function comparedFields(
  { request, comparison }: Tonight,
  fields: NightFields,
  ended: unknown,
): Promise<NightFields> {
  if (comparison === null) return fields;
  if (ended === undefined && !request.signal.aborted)
    return { ...fields, reference: await compareWithReference(comparison) };
  const sentence = 'the run of the night did not come to its end';
  const none = { target: comparison.name, run: null, status: 'NO-DATA' as const, ratios: [] };
  return { ...fields, reference: { ...none, sentence } };
}

function referenceAsked(
  { reference, target: given, out: _, ...request }: NightlyRequest,
  { campaign }: PreparedRun,
  runDir: string,
): ReferenceAsked | null {
  if (reference === undefined) return null;
  const { name } = namedTarget(reference);
  return { request, reference, name, target: given ?? campaign.target, runDir: `${runDir}-reference` };
}

/** As far as it is known without touching the target: the addresses are no part of a night. */
async function plannedNight({ request, prepared }: Tonight): Promise<Plan> {
  const topology = await peekTopology(prepared.target, request.places).catch(() => null);
  return planOf(prepared, topology, request, versionsOf(undefined));
}

/** Exactly once: the target is locked, and what is in the history already is not added again. */
function addLeft({ request, history, runs }: Tonight, identity: string): void {
  const { places, progress } = request;
  for (const left of leftNights(places, { history: historyPlace(request.history), identity })) {
    const { fields } = judgeFolder(left.runDir, left.gap, progress);
    const { night, isNew } = keepNight(history, fields, new Date());
    nightKept(places, night.run);
    runs.set(night.run, left.runDir);
    if (isNew) progress(`added ${night.run}, which an earlier nightly left behind: ${night.status}`);
  }
}
