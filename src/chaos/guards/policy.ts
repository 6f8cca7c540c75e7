/**
 * The guards: what a run may break here and now. They fail closed: anything not known to be allowed is
 * refused, and all reasons are reported at once. Evaluated when the plan is printed and again right before
 * the act.
 */

import type { KafkaPartition } from '../../core/acts/kafka-acts.ts';
import { GauntletError, messageOf, type Problem, show } from '../../core/errors.ts';
import { own } from '../../core/own.ts';
import type { FaultPolicy } from '../../core/policy.ts';
import { speaking } from '../../core/topology.ts';
import type { Ms } from '../../core/units.ts';
import type { FaultPlan } from '../fault.ts';
import type { World } from '../world.ts';
import { hoursProblem } from './hours.ts';

/** Acknowledged writes need this many in-sync replicas (min.insync.replicas of the target's topics). */
const MIN_INSYNC = 2;

/**
 * @param lastsMs how long it may take from now until the fault is undone: hold and removal.
 * @throws refused with every reason.
 */
export async function checkGuards(
  plan: FaultPlan,
  policy: FaultPolicy,
  world: World,
  lastsMs: Ms,
): Promise<void> {
  const problems = await guardProblems(plan, policy, world, lastsMs);
  if (problems.length > 0) throw new GauntletError('refused', problems);
}

/** Every reason against the fault here and now; empty when it is allowed. */
export const guardProblems = async (
  plan: FaultPlan,
  policy: FaultPolicy,
  world: World,
  lastsMs: Ms,
): Promise<readonly Problem[]> => [
  ...(await consentProblems(plan, policy, world, lastsMs)),
  ...(await impactProblems(plan, world)),
];

/**
 * What the target's owner does not allow, in any state of the target: checked before faults of an earlier run
 * are undone.
 */
export const consentProblems = async (
  plan: FaultPlan,
  policy: FaultPolicy,
  world: World,
  lastsMs: Ms,
): Promise<readonly Problem[]> => [
  ...(touchesSomething(plan) ? optInProblems(policy) : []),
  ...protectedProblems(plan, policy, world),
  ...hoursProblem(policy.hours, world.clock.wall(), lastsMs),
  ...(await platformProblems(plan, world)),
];

/** A loss that the target could not survive. */
export const impactProblems = async (plan: Losing, world: World): Promise<readonly Problem[]> => [
  ...replicaProblems(plan),
  ...lossProblems(plan),
  ...(await kafkaProblems(plan, world)),
];

type Losing = Pick<FaultPlan, 'fault' | 'victim' | 'impact'>;

/** A fault that affects nothing needs no permission. */
const touchesSomething = (plan: FaultPlan): boolean => plan.touches.length > 0;

export function optInProblems(policy: FaultPolicy): readonly Problem[] {
  if (policy.optIn === true) return [];
  return [
    {
      subject: 'policy.optIn',
      expected: 'true',
      got: show(policy.optIn),
      next: 'A target must allow faults in its own file: policy: { optIn: true }.',
    },
  ];
}

function protectedProblems(plan: FaultPlan, policy: FaultPolicy, { platform }: World): Problem[] {
  const named = [...plan.impact.services, ...plan.victims, ...plan.touches];
  // A broker is a part of its service, whatever a fault calls it.
  const kafkas = speaking(platform.topology, 'kafka').map((one) => one.name);
  const touched = new Set([...named, ...kafkas.filter((one) => named.some((name) => isMember(name, one)))]);
  return policy.protected
    .filter((name) => touched.has(name))
    .map((name) => {
      const by = policy.protectedBy?.[name];
      return {
        subject: `${plan.fault} on ${plan.victim}`,
        expected: 'a victim that is not protected',
        got: by === undefined ? `${name}, which policy.protected lists` : `${name}, which ${by} protects`,
        ...(by !== undefined && { next: `A target lifts that with policy: { unprotected: [${name}] }.` }),
      };
    });
}

const isMember = (name: string, service: string): boolean =>
  name.startsWith(`${service}-`) && /^\d+$/.test(name.slice(service.length + 1));

function replicaProblems(plan: Losing): Problem[] {
  if (plan.impact.outageAccepted) return [];
  return plan.impact.killed
    .filter((one) => one.replicas > 1 && one.readyLeft === 0)
    .map((one) => ({
      subject: `${plan.fault} on ${one.service}`,
      expected: `at least one of ${one.replicas} replicas left ready`,
      got: `0 ready after removing ${one.victims}`,
      next: 'Take fewer, or declare the outage with accept-outage: true.',
    }));
}

function lossProblems({ fault, impact }: Losing): readonly Problem[] {
  if (impact.lossAccepted === true) return [];
  return (impact.lost ?? []).map(({ victim, why, fix }) => ({
    subject: `${fault} on ${victim}`,
    expected: 'a victim that its owner replaces',
    got: `${why}: no owner replaces it`,
    next: `Choose another victim.${fix === undefined ? '' : ` ${fix}`}`,
  }));
}

/** What the platform itself does not allow; a platform that cannot be asked allows nothing. */
async function platformProblems(plan: FaultPlan, world: World): Promise<readonly Problem[]> {
  const guard = world.platform.guard;
  if (!guard || !touchesSomething(plan)) return [];
  try {
    return await guard.refusals(plan.impact.instances ?? [], plan.permissions, plan.impact.services);
  } catch (error) {
    const subject = `${plan.fault} on ${plan.victim}`;
    return [{ subject, expected: 'an answer of the platform about what it allows', got: messageOf(error) }];
  }
}

async function kafkaProblems(plan: Losing, world: World): Promise<Problem[]> {
  const { brokersLost, brokersInTurn = [] } = plan.impact;
  const losses = [brokersLost, ...brokersInTurn.map((id) => [id])].filter((lost) => lost.length > 0);
  if (losses.length === 0) return [];
  const { kafkaByService = {} } = world.platform;
  const kafka = own(kafkaByService, plan.impact.kafka ?? '') ?? world.platform.kafka;
  const subject = `${plan.fault} on ${plan.victim}`;
  if (!kafka) {
    const expected = 'access to Kafka, to check that quorum and in-sync replicas survive';
    return [{ subject, expected, got: 'a platform without one' }];
  }
  let partitions: readonly KafkaPartition[];
  try {
    partitions = await kafka.partitions();
  } catch (error) {
    const expected = 'an answer of Kafka about its in-sync replicas';
    return [{ subject, expected, got: messageOf(error) }];
  }
  const problems = losses.flatMap((lost) => [
    ...isrProblems(subject, lost, partitions),
    ...quorumProblems(subject, lost, kafka.brokers(), partitions),
  ]);
  return [...new Map(problems.map((one) => [JSON.stringify(one), one])).values()];
}

function isrProblems(
  subject: string,
  lost: readonly number[],
  partitions: readonly KafkaPartition[],
): Problem[] {
  const tooThin = partitions.filter((one) => {
    const left = one.isr.filter((id) => !lost.includes(id)).length;
    // A topic with fewer replicas cannot require more than it has.
    return left < one.isr.length && left < Math.min(MIN_INSYNC, one.replicas.length);
  });
  if (tooThin.length === 0) return [];
  const named = tooThin.slice(0, 3).map((one) => `${one.topic}-${one.partition}`);
  const more = tooThin.length > named.length ? ` and ${tooThin.length - named.length} more` : '';
  return [
    {
      subject,
      expected: `at least ${MIN_INSYNC} in-sync replicas left in every partition`,
      got: `fewer in ${named.join(', ')}${more}`,
      next: 'Wait until the in-sync replicas are complete, or choose another broker.',
    },
  ];
}

/** A broker that should be in some in-sync set and is in none does not count for the quorum either. */
function quorumProblems(
  subject: string,
  lost: readonly number[],
  brokers: readonly number[],
  partitions: readonly KafkaPartition[],
): Problem[] {
  const isOut = (id: number): boolean =>
    partitions.some((one) => one.replicas.includes(id)) && partitions.every((one) => !one.isr.includes(id));
  const left = brokers.filter((id) => !lost.includes(id) && !isOut(id)).length;
  const needed = Math.floor(brokers.length / 2) + 1;
  if (left >= needed) return [];
  const got = `${left} of ${brokers.length}`;
  return [{ subject, expected: `a quorum of ${needed} controllers left`, got }];
}
