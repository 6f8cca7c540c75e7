/** The schema registries of a target: their part of `gauntlet doctor --target`. */
import type { TargetFile } from '../../config/read-target.ts';
import { messageOf } from '../../core/errors.ts';
import { hostOf } from '../../core/schema-registry.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import { RegistryClient } from '../../targets/schemas/registry-client.ts';
import type { Check } from './check-cluster-journal.ts';

export const checkRegistries = async ({
  registries = {},
}: Pick<TargetFile, 'registries'>): Promise<readonly Check[]> =>
  await Promise.all(
    Object.entries(registries).map(async ([service, at]): Promise<Check> => {
      const subject = `registry of ${service}`;
      const client = new RegistryClient({
        ...{ at, subject: `services.${service}.registry`, clock: monotonicClock },
        signal: new AbortController().signal,
      });
      try {
        await client.check();
        return { ok: true, subject, detail: `${hostOf(at)} answers` };
      } catch (error) {
        return { ok: false, subject, detail: messageOf(error) };
      }
    }),
  );
