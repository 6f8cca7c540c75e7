/**
 * A campaign as written, checked and typed, with the places of values that later steps may refuse. All
 * problems of the file are reported at once; nothing is started. run/resolve-plan.ts resolves it against a
 * target.
 */
import type { Place } from '../core/errors.ts';
import { flowsOfPath } from '../core/paths.ts';
import type { Receivers } from '../core/receivers.ts';
import type { LoadShape } from '../core/shape.ts';
import type { System, TopicPath } from '../core/system.ts';
import { type Ms, ms } from '../core/units.ts';
import { type CampaignShape, campaignSchema } from './campaign.ts';
import { type CampaignFault, faultsOf } from './campaign-faults.ts';
import { type CampaignGate, gateOf } from './campaign-gate.ts';
import { type CampaignGoals, goalsOf } from './campaign-goals.ts';
import { type CampaignLoad, loadOf, type ScenarioReadings, type ScriptReadings } from './campaign-load.ts';
import { refuseWithShape, shapeOf } from './campaign-shape.ts';
import { type FaultWords, isGroup } from './fault-list.ts';
import { closedFlows, endsByItself, hasUnread, isWritten, refuseOwnSchedules } from './own-schedules.ts';
import type { Partly } from './partly.ts';
import { dotted, type FileKind, Problems } from './problems.ts';
import { receiversOf } from './publish-block.ts';
import { parseUserFile } from './user-file.ts';

export interface Campaign {
  readonly file: string;
  readonly name: string;
  readonly target: string;
  readonly load: readonly CampaignLoad[];
  readonly shape: LoadShape | null;
  readonly warmupMs: Ms;
  readonly baselineMs: Ms;
  /** See Plan. */
  readonly untilLoadEnds?: boolean;
  readonly faults: readonly CampaignFault[];
  /**
   * How often the list of faults is run, interleaved (A B A B), so that drift is not mistaken for the effect
   * of one fault.
   */
  readonly repeat: number;
  readonly recovery: { readonly holdMs: Ms; readonly timeoutMs: Ms };
  readonly goals: CampaignGoals;
  /** Of its system. Absent: none. */
  readonly paths?: readonly TopicPath[];
  /** Its defaults where there is no block. */
  readonly gate: CampaignGate;
  /** Where its results are pushed; empty where there is no block. */
  readonly publish: Receivers;
  /** The place of the target's name, for problems that only the target reveals. */
  readonly targetPlace: Place;
}

export interface Known {
  /** Those that can be named without a path. */
  readonly names: readonly string[];
  readonly scenarios: ScenarioReadings;
  readonly faults: readonly FaultWords[];
  /** Absent: none was read. */
  readonly scripts?: ScriptReadings;
  /** Questions of its system, `<service>:<ask>`. Absent: none. */
  readonly asks?: readonly string[];
  /** Of its target. Absent: one without services and SLOs. */
  readonly system?: Pick<System, 'services' | 'slos'> & Partial<Pick<System, 'paths'>>;
}

/**
 * @param file the path as the user typed it, for the problems.
 * @throws usage error with every problem of the text.
 */
export function parseCampaign(
  file: string,
  text: string,
  { names, scenarios, faults: known, scripts, asks = [], system = { services: [], slos: {} } }: Known,
): Campaign {
  const problems = new Problems(parseUserFile(file, text), CAMPAIGN);
  const read = problems.check(campaignSchema({ scenarios: names, faults: known })) ?? {};
  const load = loadOf(read.load, scenarios, scripts ?? new Map(), problems);
  const flows = load.flatMap((one) => one.flows);
  const shape = read.shape ? shapeOf(read.shape, flows, problems) : null;
  if (problems.file.valueAt(['shape']) !== undefined) refuseWithShape(read.load, problems);
  const faults = faultsOf(read.faults, problems.file);
  const recovery = recoveryOf(read.recovery ?? {}, problems);
  // Without the executors of a script its flows are not known, and every line about them would look wrong.
  const isUnknown = [...scenarios.values()].some((one) => !one.ok);
  if (isUnknown || hasUnread(load, problems)) problems.throwIfAny();
  const closed = closedFlows(load);
  // A flow of the load keeps its name.
  const paths = (system.paths ?? []).filter((one) => !flows.includes(one.name));
  const named = { asks, system, paths: paths.flatMap(flowsOfPath) };
  const goals = goalsOf({ flows, closed, faults, shape, ...named }, problems);
  const gate = gateOf(read.gate ?? undefined, flows, problems);
  const untilLoadEnds = endsByItself(load, problems);
  refuseOwnSchedules(problems);
  problems.throwIfAny();
  return {
    file,
    name: read.name ?? '',
    target: read.target ?? '',
    load,
    shape,
    warmupMs: untilLoadEnds && !isWritten('warmup', problems) ? ms(0) : (read.warmup ?? ms(0)),
    ...(untilLoadEnds && { untilLoadEnds }),
    baselineMs: read.baseline ?? ms(0),
    faults,
    repeat: read.repeat ?? 1,
    recovery,
    goals,
    ...(paths.length > 0 && { paths }),
    gate,
    publish: receiversOf(read.publish ?? undefined),
    targetPlace: problems.file.placeOf(['target']),
  };
}

const CAMPAIGN: FileKind = {
  name: 'campaign',
  subjectOf([first, index, ...inner]) {
    if (index === undefined || (first !== 'faults' && first !== 'objectives')) return undefined;
    if (first === 'objectives') return 'objective';
    // Faults are reported under their own names, in any list.
    const [key, member, ...deeper] = inner;
    const own = key !== undefined && isGroup(String(key)) && member !== undefined ? deeper : inner;
    return own.length === 0 ? 'fault' : dotted(own);
  },
};

function recoveryOf(
  { hold, timeout }: Partly<CampaignShape['recovery']>,
  problems: Problems,
): Campaign['recovery'] {
  if (hold !== undefined && timeout !== undefined && timeout < hold) {
    problems.add(['recovery', 'timeout'], `at least the hold time (${hold / 1000}s)`);
  }
  return { holdMs: hold ?? ms(0), timeoutMs: timeout ?? ms(0) };
}
