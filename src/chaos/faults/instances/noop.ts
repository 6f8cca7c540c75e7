/**
 * The control experiment: a complete fault without the breaking. A run that "recovers" from it, or reports
 * harm, shows an error of the harness (an A/A test).
 */
import { z } from 'zod';
import { GauntletError } from '../../../core/errors.ts';
import { dependencies } from '../../../core/topology.ts';
import type { Ms } from '../../../core/units.ts';
import type { Fault, Proof } from '../../fault.ts';
import { onsetOf, sayLast, together } from '../../observation.ts';
import { HOLD_PARAMETER, matching, parameter, parameters, parserOf } from '../../parameters.ts';
import { unknownName } from '../../world.ts';

type NoopSpec = { readonly probe: string | null; readonly for: Ms };

/** For each connection; one good answer could be luck. */
const MIN_SAMPLES = 3;

const PARAMETERS = parameters({
  probe: parameter(matching(/[\s\S]/, 'the name of a dependency'), {
    meaning: 'the dependency that is watched',
    allowed: 'a dependency of the target, such as redis; default: the first one of the target',
  }).optional(),
  for: HOLD_PARAMETER,
});

export const noop: Fault<NoopSpec, null, null> = {
  name: 'noop',
  summary: 'breaks nothing: a control, to see what the harness reports when nothing happens',
  parameters: PARAMETERS,
  permissions: [],
  proof: `A held and a fresh connection of the probe each get at least ${MIN_SAMPLES} answers, all of them good.`,
  undone: 'Nothing is changed, so nothing is undone; the lease is still kept.',
  example: 'noop: { for: 5s }',

  parse: parserOf(PARAMETERS, ({ probe, for: hold }): NoopSpec => ({ probe: probe ?? null, for: hold })),

  async plan(spec, world) {
    const known = dependencies(world.platform.topology);
    const probe = spec.probe ?? known[0];
    if (probe === undefined) {
      throw new GauntletError('usage', [
        { subject: 'noop', expected: 'a target with at least one dependency to watch', got: 'none' },
      ]);
    }
    if (!known.includes(probe)) throw unknownName('noop.probe', 'a dependency', probe, known);
    return {
      fault: 'noop',
      victim: 'nothing',
      victims: [],
      probes: [probe],
      touches: [],
      timers: ['Nothing is broken: any recovery time is an error of the measurement.'],
      permissions: [],
      impact: { services: [], killed: [], brokersLost: [], outageAccepted: false },
      undo: null,
      act: null,
    };
  },

  apply: async () => undefined,
  renew: async () => true,

  expect: () => ({
    text: 'both connections continue to answer',
    observe: [],
    judge(evidence): Proof {
      const said = { held: sayLast(evidence.since.held), fresh: sayLast(evidence.since.fresh) };
      const [held, fresh] = [evidence.since.held[0], evidence.since.fresh[0]];
      const all = [...evidence.since.held, ...evidence.since.fresh];
      const isEnough = [evidence.since.held, evidence.since.fresh].every((one) => one.length >= MIN_SAMPLES);
      if (!held || !fresh || !isEnough || all.some((sample) => !sample.ok)) {
        return { kind: 'not-yet', ...said, evidence: 'expected both connections to continue to answer' };
      }
      const seen = together([onsetOf(held, 'held', evidence), onsetOf(fresh, 'fresh', evidence)]);
      return { kind: 'seen', ...seen, ...said, evidence: 'both connections continued to answer' };
    },
  }),

  undoShape: z.null(),
  undo: async () => undefined,
  removed: async () => ({ gone: true, evidence: 'nothing was changed' }),
};
