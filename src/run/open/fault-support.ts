/**
 * Which faults work on a target, found by planning each of them: a plan only reads, and refuses with the
 * reason and the next step that a user would get. All reasons come from a fault, a guard or the platform.
 */
import { parse } from 'yaml';
import type { Fault, FaultPlan } from '../../chaos/fault.ts';
import { FAULTS } from '../../chaos/faults/registry.ts';
import { guardProblems } from '../../chaos/guards/policy.ts';
import { planNow } from '../../chaos/injector/plan-now.ts';
import { speakersOf } from '../../chaos/speakers.ts';
import type { World } from '../../chaos/world.ts';
import { formatProblem, GauntletError, messageOf, type Problem } from '../../core/errors.ts';
import type { FaultSupport } from '../../core/fault-support.ts';
import type { FaultPolicy } from '../../core/policy.ts';
import { environmentProblem } from '../../core/system-errors.ts';
import { speaking } from '../../core/topology.ts';
import { ms } from '../../core/units.ts';

/** Links are many: a fault on links is reported as not working only after this many were tried. */
const MOST_TRIES = 12;

type Block = Readonly<Record<string, unknown>>;

export async function faultSupport(
  world: World,
  policy: FaultPolicy,
  faults: readonly Fault[] = FAULTS,
): Promise<readonly FaultSupport[]> {
  const found: FaultSupport[] = [];
  const names = await namesOf(world);
  // One after another: each queries the platform, and a small cluster has other clients, too.
  for (const fault of faults) {
    for (const example of [fault.example, ...(fault.examplesOn?.(world) ?? [])]) {
      found.push(await supportOf(fault, blocksFor(fault, example, names), world, policy));
    }
  }
  return found;
}

async function supportOf(
  fault: Fault,
  blocks: readonly Block[],
  world: World,
  policy: FaultPolicy,
): Promise<FaultSupport> {
  let best:
    | { readonly block: Block; readonly problems: readonly Problem[]; readonly isUsage: boolean }
    | undefined;
  for (const block of blocks.slice(0, MOST_TRIES)) {
    const tried = sayBlock(fault, block);
    const planned = await plan(fault, block, world);
    if (planned.kind === 'planned') {
      const problems = await guardProblems(planned.plan, policy, world, ms(0));
      if (problems.length === 0) {
        return { fault: fault.name, works: true, tried, victim: planned.plan.victim, reasons: [] };
      }
      best = { block, problems, isUsage: false };
      break;
    }
    // That a name does not exist is less useful than why an existing one cannot be used, and of two such
    // names that of the example less than the target's own.
    if (best === undefined || best.isUsage) best = { block, ...planned };
  }
  const reasons = (best?.problems ?? []).map((problem) => sayReason(fault, problem));
  return {
    fault: fault.name,
    works: false,
    tried: sayBlock(fault, best?.block ?? {}),
    victim: null,
    reasons,
  };
}

type Planned =
  | { readonly kind: 'planned'; readonly plan: FaultPlan }
  | { readonly kind: 'not'; readonly problems: readonly Problem[]; readonly isUsage: boolean };

async function plan(fault: Fault, block: Block, world: World): Promise<Planned> {
  const parsed = fault.parse(block);
  if (!parsed.ok) {
    const problems = parsed.problems.map(({ path, ...problem }) => ({ subject: path, ...problem }));
    return { kind: 'not', problems, isUsage: true };
  }
  try {
    return { kind: 'planned', plan: await planNow(fault, parsed.spec, world) };
  } catch (error) {
    if (error instanceof GauntletError)
      return { kind: 'not', problems: error.problems, isUsage: error.kind === 'usage' };
    // Whose next step would be this command.
    const { next: _, ...peer } = environmentProblem(error) ?? {};
    const problem = { subject: fault.name, expected: 'a plan', got: messageOf(error), ...peer };
    return { kind: 'not', problems: [problem], isUsage: false };
  }
}

/** The target's own names for use in examples. Unreadable ones are empty: the plan reports why. */
interface Names {
  /** With instances. */
  readonly services: readonly string[];
  readonly links: readonly { readonly from: string; readonly to: string }[];
  readonly brokers: readonly number[];
  /** Where a target has several services of one protocol, the faults of it need the name of one. */
  readonly redis: readonly string[];
  readonly kafka: readonly string[];
  /** Also without instances: requests are met on links. */
  readonly grpc: readonly string[];
  /** Declared topics, each with its Kafka. */
  readonly topics: readonly { readonly service: string; readonly topic: string }[];
}

async function namesOf(world: World): Promise<Names> {
  const { platform } = world;
  const instances = (await platform.instances?.list().catch(() => [])) ?? [];
  const links = (await platform.links?.list().catch(() => [])) ?? [];
  // Observable links first: the others are refused where nothing counts.
  const bySight = [...links].sort((a, b) => (b.seenBy?.length ?? 0) - (a.seenBy?.length ?? 0));
  return {
    services: [...new Set(instances.map((one) => one.service))],
    links: bySight.map(({ from, to }) => ({ from, to })),
    brokers: (platform.kafka ?? Object.values(platform.kafkaByService ?? {})[0])?.brokers() ?? [],
    redis: speakersOf('redis', world),
    kafka: speakersOf('kafka', world),
    grpc: speakersOf('grpc', world),
    topics: speaking(platform.topology, 'kafka').flatMap(({ name, endpoint }) =>
      (endpoint.topics ?? []).map((topic) => ({ service: name, topic })),
    ),
  };
}

/**
 * The example of a fault with names of a target in it, for `gauntlet faults NAME --target T`. The first whose
 * names are there; as written when none is.
 */
export async function exampleOn(fault: Fault, world: World): Promise<string> {
  for (const block of blocksFor(fault, fault.example, await namesOf(world)).slice(0, MOST_TRIES)) {
    const planned = await plan(fault, block, world);
    // Refused for another reason than a name: the names are those of the target.
    if (planned.kind === 'planned' || !planned.isUsage) return sayBlock(fault, block);
  }
  return fault.example;
}

/** The example unchanged, then with names of this target in it. */
function blocksFor(fault: Fault, written: string, names: Names): readonly Block[] {
  const { services, links, brokers, topics } = names;
  const example = ((parse(written) as Record<string, unknown>)[fault.name] ?? {}) as Block;
  const protocol = protocolOf(fault);
  const several = protocol === null ? [] : names[protocol];
  const has = (name: string): boolean => name in example;
  if (has('topic')) {
    const isOnly = several.length <= 1;
    const asWritten = isOnly ? [example] : several.map((service) => ({ service, ...example }));
    const named = topics.map(({ service, topic }) => ({ ...(!isOnly && { service }), ...example, topic }));
    return [...asWritten, ...named];
  }
  if (several.length > 1) return several.map((service) => ({ service, ...example }));
  if (has('from') && has('to')) {
    const named = links.map((link) => ({ ...example, ...link }));
    // Where links can be limited and not delayed.
    return [example, ...named, ...(has('latency') ? named.map(bandwidthOnly) : [])];
  }
  if (has('service')) {
    const named = [...new Set([...(/grpc/.test(fault.name) ? names.grpc : []), ...services])];
    return [example, ...named.map((service) => ({ ...example, service }))];
  }
  if (has('broker')) {
    const named = brokers.map((broker) => ({ ...example, broker }));
    // Where links join brokers with their clients alone.
    const spared = 'from' in fault.parameters.shape ? named.map((one) => ({ ...one, from: 'clients' })) : [];
    const limited = has('latency') ? [example, ...named].map(bandwidthOnly) : [];
    return [example, ...named, ...spared, ...limited];
  }
  // A platform may have only one of the two.
  if (has('bandwidth') && has('latency')) {
    const { bandwidth: _, ...latencyOnly } = example;
    return [example, latencyOnly, bandwidthOnly(example)];
  }
  return [example];
}

const bandwidthOnly = ({ latency: _, jitter: __, ...block }: Block): Block => ({
  ...block,
  bandwidth: block['bandwidth'] ?? '256kbit/s',
});

/** Of a fault that takes the only service of one protocol, or the one that is named. */
const protocolOf = ({ name, parameters }: Fault): 'redis' | 'kafka' | null =>
  !('service' in parameters.shape)
    ? null
    : /redis/.test(name)
      ? 'redis'
      : /kafka|broker/.test(name)
        ? 'kafka'
        : null;

const sayBlock = ({ name }: Fault, block: Block): string => {
  const fields = Object.entries(block).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return `${name}: { ${fields.join(', ')} }`;
};

/** Without the fault's name at the start. */
const sayReason = ({ name }: Fault, problem: Problem): string => {
  const text = formatProblem(problem);
  return text.startsWith(`${name}: `) ? text.slice(name.length + 2) : text;
};
