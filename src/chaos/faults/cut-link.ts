/** Cuts the links between two services: bytes stop both ways, connections stay open and new ones hang. */
import type { Ms } from '../../core/units.ts';
import type { Fault, Parameter } from '../fault.ts';
import { judgeLink } from '../proofs/link-proof.ts';
import { type LinkAct, type LinkUndo, leased, UNDONE } from '../shared/link-impairment.ts';
import {
  FROM_PARAMETER,
  LINK_PERMISSIONS,
  type Pair,
  planOnPair,
  readPair,
  TO_PARAMETER,
} from '../shared/link-pair.ts';
import { HOLD_PARAMETER, parseHold, SpecReader } from '../shared/parameters.ts';

type CutSpec = Pair & { readonly for: Ms };

const PARAMETERS: readonly Parameter[] = [FROM_PARAMETER, TO_PARAMETER, HOLD_PARAMETER];

const TIMERS = [
  'Callers notice at their own deadlines: nothing is closed, and new connections are accepted and then hang.',
  'What was sent during the cut arrives after it, unless its sender gave up.',
];

export const cutLink: Fault<CutSpec, LinkAct, LinkUndo> = {
  name: 'cut-link',
  summary: 'cuts one service off from another: bytes stop both ways, connections stay open, new ones hang',
  parameters: PARAMETERS,
  permissions: LINK_PERMISSIONS,
  undone: UNDONE,
  example: 'cut-link: { from: gateway, to: redis, for: 5s }',

  parse(raw) {
    const reader = new SpecReader(raw, PARAMETERS);
    const pair = readPair(reader);
    const hold = reader.take('for', parseHold);
    if (reader.problems.length > 0 || pair === undefined || hold === undefined) {
      return { ok: false, problems: reader.problems };
    }
    return { ok: true, spec: { ...pair, for: hold }, holdMs: hold };
  },

  plan: (spec, world) => planOnPair('cut-link', spec, { kind: 'cut' }, TIMERS, world),
  ...leased('cut-link'),

  expect: (plan) => ({
    text: 'what is sent waits in the link, and nothing crosses it',
    looks: ['links'],
    judge: (evidence) => judgeLink(plan.act, plan.probes, evidence),
  }),
};
