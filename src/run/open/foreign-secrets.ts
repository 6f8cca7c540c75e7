/** The secrets that foreign scripts get: variables of the caller that the campaign names as `env:NAME`. */
import type { CampaignLoad } from '../../config/campaign-load.ts';
import { didYouMean } from '../../core/did-you-mean.ts';
import { GauntletError, type Problem } from '../../core/errors.ts';
import { keepSecret } from '../../core/secrets.ts';
import { secretKey } from '../../load/foreign-command.ts';

/** @throws usage with every variable that is not set; never with a value. */
export function foreignSecrets(
  load: readonly CampaignLoad[],
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const problems: Problem[] = [];
  const found: Record<string, string> = {};
  for (const { foreign } of load) {
    for (const variable of Object.values(foreign?.secrets ?? {})) {
      const value = env[variable];
      if (value !== undefined && value !== '') {
        keepSecret(variable, value);
        found[secretKey(variable)] = value;
      } else if (foreign !== undefined) {
        const { next = `Set it, for example: ${variable}=... gauntlet run ...` } = didYouMean(
          variable,
          Object.keys(env),
        );
        const expected = `a value in the environment variable ${variable}`;
        problems.push({ subject: 'load.env', expected, got: 'nothing', next, place: foreign.place });
      }
    }
  }
  if (problems.length > 0) throw new GauntletError('usage', problems);
  return found;
}
