/**
 * The guards of faults that are in place at the same time. Each must be allowed by itself, the target must
 * survive the loss of all of them at once, and no two may use the same evidence: the effect of one would be
 * taken for that of the other.
 */
import { GauntletError, type Problem } from '../../core/errors.ts';
import type { FaultPolicy } from '../../core/policy.ts';
import type { Ms } from '../../core/units.ts';
import type { FaultPlan, Impact } from '../fault.ts';
import type { World } from '../world.ts';
import { guardProblems, impactProblems } from './policy.ts';

/** @throws refused with every reason. */
export async function checkGroupGuards(
  plans: readonly FaultPlan[],
  policy: FaultPolicy,
  world: World,
  lastsMs: Ms,
): Promise<void> {
  const problems: Problem[] = [];
  for (const plan of plans) problems.push(...(await guardProblems(plan, policy, world, lastsMs)));
  problems.push(...(await sumProblems(plans, world)));
  const each = new Map(problems.map((one) => [JSON.stringify(one), one]));
  if (each.size > 0) throw new GauntletError('refused', [...each.values()]);
}

/** Problems of the group as a whole: its members may each be allowed. */
export async function sumProblems(plans: readonly FaultPlan[], world: World): Promise<readonly Problem[]> {
  const sum = {
    fault: plans.map((one) => one.fault).join(' + '),
    victim: plans.map((one) => one.victim).join(' + '),
    impact: await sumOf(plans, world),
  };
  return [...(await impactProblems(sum, world)), ...evidenceProblems(plans)];
}

/**
 * The combined loss of several members from one service or from Kafka; a loss by a single member is judged
 * with that member. Remaining replicas are counted again: each member may have counted on the other's victim.
 */
async function sumOf(plans: readonly FaultPlan[], world: World): Promise<Impact> {
  const impacts = plans.map((one) => one.impact);
  const touched = new Set(plans.flatMap((one) => one.touches));
  const services = impacts.flatMap((one) => one.killed.map(({ service }) => service));
  const shared = [...new Set(services.filter((name, index) => services.indexOf(name) !== index))];
  const killed = shared.map(async (service) => {
    const all = (await world.platform.instances?.list(service)) ?? [];
    const victims = all.filter((one) => touched.has(one.instance));
    const readyLeft = all.filter((one) => one.ready && !touched.has(one.instance)).length;
    return { service, victims: victims.length, replicas: all.length, readyLeft };
  });
  const losing = impacts.filter((one) => one.killed.some(({ service }) => shared.includes(service)));
  // Brokers of two Kafkas are no loss of one: each is judged with its own fault.
  const [kafka] = impacts.flatMap((one) => one.kafka ?? []);
  const cutting = impacts.filter((one) => one.brokersLost.length > 0 && one.kafka === kafka);
  return {
    services: [...new Set(impacts.flatMap((one) => one.services))],
    killed: await Promise.all(killed),
    brokersLost: cutting.length < 2 ? [] : [...new Set(cutting.flatMap((one) => one.brokersLost))],
    ...(kafka !== undefined && { kafka }),
    outageAccepted: losing.length > 0 && losing.every((one) => one.outageAccepted),
  };
}

function evidenceProblems(plans: readonly FaultPlan[]): readonly Problem[] {
  return plans.flatMap((first, index) =>
    plans.slice(index + 1).flatMap((second): Problem[] => {
      const shared = sharedEvidence(first, second);
      if (shared.length === 0) return [];
      return [
        {
          subject: `${first.fault} on ${first.victim} together with ${second.fault} on ${second.victim}`,
          expected: 'faults whose effects can be distinguished',
          got: `both are observed by ${shared.join(', ')}`,
          next: 'Choose another victim, or run them one after another with then.',
        },
      ];
    }),
  );
}

/** The probes of both; a fault without probes is compared by what it affects. */
function sharedEvidence(a: FaultPlan, b: FaultPlan): readonly string[] {
  const evidence = (one: FaultPlan): readonly string[] => (one.probes.length > 0 ? one.probes : one.touches);
  const [ofA, ofB] = [new Set([...evidence(a), ...overlapOf(a)]), [...evidence(b), ...overlapOf(b)]];
  return [...new Set(ofB.filter((name) => ofA.has(name)))];
}

/** An instance that two faults affect is one instance, whatever watches it. */
const overlapOf = (plan: FaultPlan): readonly string[] => (plan.impact.killed.length > 0 ? plan.touches : []);
