/**
 * The command line of k6 for a foreign script: the generated entry on standard input, in the script's folder.
 * Nothing of the caller's environment reaches it but what the campaign names.
 */
import { dirname } from 'node:path';
import type { ForeignLoad } from '../core/foreign-script.ts';
import type { ScenarioLoad } from '../core/load-plan.ts';
import { type GivenSchedule, runningEntry } from './foreign-entry.ts';
import { FOREIGN_TAGS } from './foreign-rows.ts';
import { type K6Command, type K6Settings, QUIET, SAVE_INTERVAL_MS, toK6Itself } from './k6-command.ts';
import { k6Arrival } from './k6-flow.ts';
import { k6Tls } from './k6-tls.ts';

/** Its secrets are those of a run. */
export function foreignCommand(
  load: ScenarioLoad,
  foreign: ForeignLoad,
  settings: Omit<K6Settings, 'loadFile'>,
): K6Command {
  const { script, flows } = load;
  const { functions, hasSetup, hasTeardown, thresholds } = foreign;
  const given = flows.flatMap((flow): GivenSchedule[] => {
    if (flow.foreign?.own !== undefined) return [];
    const { executor, vus } = flow;
    const exec = flow.foreign?.exec ?? 'default';
    const arrival = k6Arrival(flow, settings.durationMs);
    const { gracefulStopMs } = settings;
    return [{ executor, exec, arrival, vus, gracefulStopMs, tags: { flow: flow.flow } }];
  })[0];
  const secrets = Object.entries(foreign.secrets).map(([name, variable]) => [
    name,
    settings.secrets[secretKey(variable)] ?? '',
  ]);
  const tls = k6Tls(load, settings.home);
  return {
    file: settings.k6,
    args: [
      ...['run', ...QUIET],
      ...(Object.keys(thresholds).length === 0 ? ['--no-thresholds'] : []),
      `--system-tags=${FOREIGN_TAGS}`,
      `--out=csv=fileName=-,saveInterval=${SAVE_INTERVAL_MS}ms,timeFormat=unix_nano`,
      ...tls.args,
      '-',
    ],
    env: {
      ...load.env,
      ...tokenOf(settings.secrets),
      ...Object.fromEntries(secrets),
      ...tls.env,
      ...toK6Itself(settings.home),
    },
    ...(tls.texts.length > 0 && { texts: tls.texts }),
    cwd: dirname(script),
    input: runningEntry({ script, functions, hasSetup, hasTeardown, ...(given && { given }) }),
  };
}

/** What `gauntletToken()` of the entry reads. */
const tokenOf = (secrets: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(secrets).filter(([key]) => key.startsWith('GAUNTLET_TOKEN')));

/** Secrets of foreign scripts among those of a run: no script of ours gets them. */
export const secretKey = (variable: string): string => `env:${variable}`;
export const isForeignSecret = (key: string): boolean => key.startsWith('env:');
