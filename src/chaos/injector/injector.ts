/**
 * One fault from choice to proven removal, readable top-down: prepare → journal → act → prove → hold → undo →
 * prove removed. Whatever happens after the journal line is written, the undo is tried and its result is
 * reported.
 */
import { randomUUID } from 'node:crypto';
import { messageOf } from '../../core/errors.ts';
import type { FaultEnd, PodStretch } from '../../core/result.ts';
import { type EpochMs, type Ms, ms } from '../../core/units.ts';
import type { Fault, FaultPlan, Proof } from '../fault.ts';
import { faultNamed } from '../faults/registry.ts';
import { closeInCluster, writeAhead } from '../healing/cluster-journal.ts';
import { type Removal, takeAway } from '../healing/removal.ts';
import { keepRenewed, NOT_IN_PLACE, type Renewal } from '../healing/renewal.ts';
import { before, view } from '../observation.ts';
import { type FaultProgress, record, untouched } from './fault-record.ts';
import { type FaultOutcome, type FaultRequest, REMOVAL_TIMEOUT_MS } from './fault-request.ts';
import { faultEndOf, isEnding, type Unfit } from './group-end.ts';
import { type Prepared, prepare } from './prepare.ts';
import { prove } from './proof.ts';

const PROOF_TIMEOUT_MS = ms(5000);
const IMPAIRMENT_TTL_MS = ms(3000);

/**
 * Runs one fault. `recovery` of the record is empty: the code that watches the load fills it.
 * @throws GauntletError before the act (refused, or a victim that does not exist), and an AggregateError when
 * the harness itself failed (a report or a journal that cannot be written); the undo was done or tried
 * before.
 */
export async function runFault(request: FaultRequest): Promise<FaultOutcome> {
  const fault =
    request.faults?.find((one) => one.name === request.planned.kind) ?? faultNamed(request.planned.kind);
  const prepared = await prepare(fault, request);
  if (prepared.unfit !== null || isEnding(request)) return notBegun(request, prepared, prepared.unfit);
  const { plan } = prepared;
  const id = randomUUID();
  const ttlMs = request.impairmentTtlMs ?? request.world.platform.leaseMs ?? IMPAIRMENT_TTL_MS;
  const course: FaultProgress = {
    id,
    appliedAt: null,
    proof: null,
    cutShort: null,
    endedBy: null,
    abort: null,
    notBefore: null,
    errors: [],
  };
  const { name, kind } = request.planned;
  const entry = { id, name, fault: kind, undo: plan.undo, ttlMs };
  const unwritten = await writeAhead(request.world.platform, request.journal.run, entry);
  if (unwritten !== null) return notBegun(request, prepared, { why: unwritten, endedBy: null });
  if (isEnding(request)) {
    await closeInCluster(request.world.platform, request.journal.run, id, 'it was not begun');
    return notBegun(request, prepared, null);
  }
  // From this line on the undo is on disk too: only now may the target be touched.
  request.journal.open(entry);
  try {
    await inflict(fault, plan, prepared, request, course, ttlMs);
  } catch (error) {
    course.errors.push(error);
  }
  const removal = await remove(fault, plan, prepared, request, course);
  const pod = await podOf(fault, plan, request, course, removal);
  if (course.errors.length > 0) {
    throw new AggregateError(course.errors, `${name}: ${course.errors.map(messageOf).join('; ')}`);
  }
  return record(request, prepared, course, removal, pod);
}

/** @param unfit null = the run is ending. */
function notBegun(request: FaultRequest, prepared: Prepared, unfit: Unfit | null): FaultOutcome {
  if (request.lease.lost.aborted) request.report({ kind: 'abort', why: faultEndOf(request).why });
  return untouched(request, prepared, unfit ?? faultEndOf(request));
}

/**
 * Act, proof and hold. A failed act is reported as not injected; only failures of the harness itself are
 * thrown.
 */
async function inflict(
  fault: Fault,
  plan: FaultPlan,
  prepared: Prepared,
  request: FaultRequest,
  course: FaultProgress,
  ttlMs: Ms,
): Promise<void> {
  const { world, planned } = request;
  const appliedAt = world.clock.now();
  course.appliedAt = appliedAt;
  course.notBefore = appliedAt;
  const failed = await apply(fault, plan, request, ttlMs);
  // Also when it failed: it may have been partly done.
  request.report({ kind: 'fault-applied', fault: planned.name });
  if (failed !== null) {
    course.proof = { kind: 'not-yet', held: 'not judged', fresh: 'not judged', evidence: failed };
    request.report({ kind: 'fault-not-injected', fault: planned.name, evidence: failed });
    return;
  }
  const renewal = keepRenewed(fault, plan, world, ttlMs);
  const ended = AbortSignal.any([request.signal, request.lease.lost, renewal.lost]);
  try {
    const timeoutMs = request.proofTimeoutMs ?? PROOF_TIMEOUT_MS;
    const { baselineFrom, snapshots: snapshotsBefore } = prepared;
    const watch = { appliedAt, baselineFrom, snapshotsBefore, timeoutMs, ended };
    course.proof = await prove(fault, plan, request, watch);
    reportProof(request, course.proof);
    if (course.proof.kind === 'seen') await hold(request, course.proof.at, ended);
  } finally {
    await settleLease(request, course, renewal, ended);
  }
}

async function apply(
  fault: Fault,
  plan: FaultPlan,
  { world }: FaultRequest,
  ttlMs: Ms,
): Promise<string | null> {
  try {
    await fault.apply(plan, world, ttlMs);
    return null;
  } catch (error) {
    return `the act failed: ${messageOf(error)}`;
  }
}

function reportProof(request: FaultRequest, proof: Proof): void {
  const { name } = request.planned;
  if (proof.kind === 'not-yet') {
    request.report({ kind: 'fault-not-injected', fault: name, evidence: proof.evidence });
    return;
  }
  const { boundMs, evidence } = proof;
  request.report({ kind: 'fault-injected', fault: name, boundMs, evidence });
  request.onInjected?.(proof.at);
}

/** Counted from the proof, in a group from the last one's: slow injection must not shorten the fault. */
async function hold(request: FaultRequest, injectedAt: EpochMs, ended: AbortSignal): Promise<void> {
  const { planned, peers } = request;
  const { holdMs } = planned;
  const allProven = peers?.proven(injectedAt, ended);
  if (holdMs === null) return;
  const from = allProven === undefined ? injectedAt : await allProven;
  if (from === null) return;
  const left = from + holdMs - request.world.clock.now();
  if (left > 0) await request.world.clock.sleep(ms(left), ended).catch(() => undefined);
}

/**
 * Was the fault in place until now? A harness that was stopped for a while detects it here, whatever woke it
 * first.
 */
async function settleLease(
  request: FaultRequest,
  course: FaultProgress,
  renewal: Renewal,
  ended: AbortSignal,
): Promise<void> {
  const isThere = ended.aborted ? null : await renewal.confirm();
  await renewal.stop();
  course.notBefore = renewal.lastSeen();
  const expired = request.journal.expired();
  const lost = (endedBy: FaultEnd, why: string): void => {
    course.abort = why;
    course.cutShort = why;
    course.endedBy = endedBy;
  };
  if (expired !== undefined)
    lost('lease', `the lease expired: ${expired.holder} undid the fault (${expired.why})`);
  else if (request.lease.lost.aborted) lost('lease', String(request.lease.lost.reason));
  else if (renewal.lost.aborted) lost('effect-lost', String(renewal.lost.reason));
  else if (isThere === false) lost('effect-lost', NOT_IN_PLACE);
  else if (request.signal.aborted) {
    const { why, endedBy } = faultEndOf(request);
    course.cutShort = why;
    course.endedBy = endedBy;
  }
}

/** An error in here must not prevent the undo: failed reports are collected and thrown at the end. */
async function remove(
  fault: Fault,
  plan: FaultPlan,
  prepared: Prepared,
  request: FaultRequest,
  course: FaultProgress,
): Promise<Removal> {
  const { world, feed, planned, journal } = request;
  const guarded = (step: () => void): void => {
    try {
      step();
    } catch (error) {
      course.errors.push(error);
    }
  };
  const appliedAt = course.appliedAt ?? world.clock.now();
  const why = course.cutShort ?? (course.proof?.kind === 'seen' ? 'held as planned' : 'it was not observed');
  if (course.cutShort !== null) request.peers?.giveUp(`cut short (${why})`);
  else if (course.proof?.kind !== 'seen')
    request.peers?.giveUp(`not injected (${course.proof?.evidence ?? why})`);
  guarded(() => request.report({ kind: 'fault-undoing', fault: planned.name, why }));
  const { abort } = course;
  if (abort !== null) guarded(() => request.report({ kind: 'abort', why: `${planned.name}: ${abort}` }));
  const removal = await takeAway({
    fault,
    plan,
    world,
    feed,
    baseline: before(view(feed, plan.probes, prepared.baselineFrom), appliedAt),
    notBefore: course.notBefore ?? appliedAt,
    timeoutMs: request.removalTimeoutMs ?? REMOVAL_TIMEOUT_MS,
    tell: (text) => guarded(() => request.report({ kind: 'step', text: `${planned.name}: ${text}` })),
  });
  const { boundMs, evidence } = removal.receipt;
  if (removal.kind === 'removed') {
    guarded(() => journal.close(course.id, `harness pid ${process.pid}`, evidence));
    guarded(() => request.report({ kind: 'fault-removed', fault: planned.name, boundMs, evidence }));
    await closeInCluster(world.platform, journal.run, course.id, evidence);
  } else {
    guarded(() => request.report({ kind: 'fault-residue', fault: planned.name, evidence }));
  }
  return removal;
}

/** A timeline that cannot be read is missing from the record; that does not invalidate what is proven. */
async function podOf(
  fault: Fault,
  plan: FaultPlan,
  request: FaultRequest,
  course: FaultProgress,
  removal: Removal,
): Promise<readonly PodStretch[]> {
  if (!fault.pod || plan.undo === null || removal.kind !== 'removed' || course.appliedAt === null) return [];
  const times = { appliedAt: course.appliedAt, firstGood: removal.firstGood };
  return fault.pod(plan.undo, request.world, times).catch(() => []);
}
