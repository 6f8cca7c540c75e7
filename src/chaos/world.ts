/**
 * Everything that a fault can reach, and the refusal when an act that it needs is missing: a platform offers
 * acts one by one, and a fault that cannot be done, proven or undone must not begin.
 */

import type { CpuLimitActs } from '../core/acts/cpu-limit-acts.ts';
import type { HttpActs } from '../core/acts/http-acts.ts';
import type { InstanceActs } from '../core/acts/instance-acts.ts';
import type { KafkaActs } from '../core/acts/kafka-acts.ts';
import type { LinkActs } from '../core/acts/link-acts.ts';
import type { MemoryActs } from '../core/acts/memory-acts.ts';
import type { Platform, PlatformHandle } from '../core/acts/platform.ts';
import type { RedisActs } from '../core/acts/redis-acts.ts';
import type { StressActs } from '../core/acts/stress-acts.ts';
import type { WorkloadActs } from '../core/acts/workload-acts.ts';
import type { Clock } from '../core/clock.ts';
import { didYouMean } from '../core/did-you-mean.ts';
import { GauntletError, show } from '../core/errors.ts';
import type { Rng } from '../core/rng.ts';

export interface World {
  readonly platform: Platform;
  readonly clock: Clock;
  readonly rng: Rng;
  /** Settings of the platform that explain recovery times, such as `broker.session.timeout.ms: 2000`. */
  readonly timers?: Readonly<Record<string, string | number>>;
}

export interface Acts {
  readonly links: LinkActs;
  readonly instances: InstanceActs;
  readonly workloads: WorkloadActs;
  readonly kafka: KafkaActs;
  readonly redis: RedisActs;
  readonly http: HttpActs;
  readonly stress: StressActs;
  readonly cpuLimit: CpuLimitActs;
  readonly memory: MemoryActs;
}

const MEANING: Readonly<Record<keyof Acts, string>> = {
  links: 'links that can be cut and slowed',
  instances: 'instances that can be signalled',
  workloads: 'workloads that can be restarted and scaled',
  kafka: 'access to Kafka (leaders, in-sync replicas)',
  redis: 'a connection of its own to Redis',
  http: 'links that understand HTTP',
  stress: 'CPUs that can be shared with spinners',
  cpuLimit: 'containers whose CPU limit can be set',
  memory: 'memory that can be limited for one instance',
};

/** @throws refused, naming every act that the platform lacks. */
export function needActs<Name extends keyof Acts>(
  fault: string,
  world: World,
  names: readonly Name[],
): Pick<Acts, Name> {
  const platform = world.platform;
  const missing = names.filter((name) => platform[name] === undefined);
  if (missing.length > 0) {
    throw new GauntletError(
      'refused',
      missing.map((name) => ({
        subject: fault,
        expected: `a platform with ${MEANING[name]} (${name})`,
        got: `platform ${platform.handle.platform}, which has none`,
        next: wayTo(name, platform.handle),
      })),
    );
  }
  return platform as unknown as Pick<Acts, Name>;
}

/** What a user can do about it. */
function wayTo(name: keyof Acts, { platform, addresses }: PlatformHandle): string {
  if (platform !== 'sandbox' && (name === 'kafka' || name === 'redis'))
    return `Give the target the address of a ${name === 'kafka' ? 'Kafka' : 'Redis'}, or leave this fault out.`;
  if (addresses !== undefined && (name === 'links' || name === 'http'))
    return 'Write links: in the target file and start gauntlet proxy up, or leave this fault out.';
  if (platform === 'none')
    return 'Say what runs the services, platform: processes or docker, or leave this fault out.';
  return 'Run it on the sandbox, or leave this fault out.';
}

/** An unknown name: a usage error that lists the known ones, with the nearest. */
export function unknownName(
  subject: string,
  what: string,
  got: unknown,
  known: readonly string[],
): GauntletError {
  const expected = known.length === 0 ? `${what} (there is none)` : `one of ${known.join(', ')}`;
  return new GauntletError('usage', [
    { subject, expected, got: show(got), ...didYouMean(String(got), known) },
  ]);
}

/** The platform's own settings whose names match, as sentences after a fault's own. */
export const platformTimers = (world: World, pattern: RegExp): readonly string[] =>
  Object.entries(world.timers ?? {})
    .filter(([name]) => pattern.test(name))
    .map(([name, value]) => `${name} = ${value} on this platform.`);
