/** What rules in a kernel cannot do to a link, since it takes an answer: only a proxy of ours can. */
import { GauntletError } from '../errors.ts';
import type { LinkEffect } from './link-acts.ts';

type ByRules = Exclude<LinkEffect, { readonly kind: 'reject' }>;

/** @throws refused for connections that are to be rejected. */
export function needRules(effect: LinkEffect): asserts effect is ByRules {
  if (effect.kind !== 'reject') return;
  throw new GauntletError('refused', [
    {
      subject: 'links',
      expected: 'a link that gauntlet proxy carries, which can reject connections with an answer',
      got: 'a link without a proxy',
      next: 'Use cut-link or reset-link.',
    },
  ]);
}
