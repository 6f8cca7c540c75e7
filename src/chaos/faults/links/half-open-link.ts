/**
 * Swallows one direction of the links between two services: requests are lost, or carried out and never
 * answered.
 */
import type { LinkDirection } from '../../../core/acts/link-acts.ts';
import type { Ms } from '../../../core/units.ts';
import type { Fault, Parameter } from '../../fault.ts';
import { HOLD_PARAMETER, oneOf, parseHold, SpecReader } from '../../parameters.ts';
import { type LinkAct, type LinkUndo, linkFaultVerbs, UNDONE } from './link-impairment.ts';
import {
  FROM_PARAMETER,
  LINK_PERMISSIONS,
  type Pair,
  planOnPair,
  readPair,
  TO_PARAMETER,
} from './link-pair.ts';
import { LINK_PROOF, seenOnLink } from './link-proof.ts';

type HalfOpenSpec = Pair & { readonly direction: LinkDirection; readonly for: Ms };

const PARAMETERS: readonly Parameter[] = [
  FROM_PARAMETER,
  TO_PARAMETER,
  {
    name: 'direction',
    meaning: 'what is swallowed: what the one who dials says, or what it would be answered',
    unit: '',
    default: 'to-client',
    required: false,
    allowed:
      'to-server (requests do not arrive) or to-client (requests are carried out, answers do not arrive)',
  },
  HOLD_PARAMETER,
];

const TIMERS = [
  'Callers notice at their own deadlines; to-client, what they send again may be carried out twice.',
  'What was swallowed arrives after the fault, as TCP would send it again, unless its receiver gave up.',
];

export const halfOpenLink: Fault<HalfOpenSpec, LinkAct, LinkUndo> = {
  name: 'half-open-link',
  summary: 'swallows one direction between two services: requests are lost, or carried out and not answered',
  parameters: PARAMETERS,
  permissions: LINK_PERMISSIONS,
  proof: `In the cut direction bytes wait that did not wait before, and nothing crosses for 300 ms. ${LINK_PROOF}`,
  undone: UNDONE,
  example: 'half-open-link: { from: gateway, to: redis, direction: to-client, for: 5s }',

  parse(raw) {
    const reader = new SpecReader(raw, PARAMETERS);
    const pair = readPair(reader);
    const direction = reader.take('direction', oneOf('to-server', 'to-client'));
    const hold = reader.take('for', parseHold);
    if (reader.problems.length > 0 || !pair || direction === undefined || hold === undefined) {
      return { ok: false, problems: reader.problems };
    }
    return { ok: true, spec: { ...pair, direction, for: hold }, holdMs: hold };
  },

  plan: (spec, world) =>
    planOnPair('half-open-link', spec, { kind: 'cut', direction: spec.direction }, TIMERS, world),
  ...linkFaultVerbs('half-open-link'),

  expect: seenOnLink('what is sent in that direction waits in the link, and nothing crosses it that way'),
};
