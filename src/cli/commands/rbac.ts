/**
 * `gauntlet rbac <target>`: the minimal permissions with which Gauntlet can act on a target, as a manifest on
 * stdout.
 */

import type { ActName } from '../../core/acts/act-names.ts';
import { didYouMean } from '../../core/did-you-mean.ts';
import { GauntletError, show, usageError } from '../../core/errors.ts';
import { own } from '../../core/own.ts';
import { EXTRA_ACTS, linksBy, usualActs } from '../../kube/guard/permissions.ts';
import { rbacManifest } from '../../kube/guard/rbac.ts';
import { namedTarget } from '../../run/open/names.ts';
import { cliContext } from '../terminal/context.ts';

/**
 * @param also such as `zone`. @throws usage for an unknown word, and for a target that is not on Kubernetes:
 * it has no Roles.
 */
export async function rbacCommand(given: string, also = ''): Promise<number> {
  const { name, platform, kubernetes, system } = namedTarget(given);
  if (!kubernetes) {
    const problem = { subject: `target ${name}`, expected: 'platform kubernetes', got: platform };
    throw new GauntletError('usage', [problem]);
  }
  const { services, journalNamespace } = kubernetes;
  const journal = journalNamespace === undefined ? {} : { journalNamespace };
  const acts = [...usualActs(linksBy(kubernetes)), ...extraActs(also)];
  const request = {
    target: name,
    services,
    acts,
    linksBy: linksBy(kubernetes),
    others: system.others?.kubernetes?.namespace,
    ...journal,
  };
  cliContext().out(rbacManifest(request).trimEnd());
  return 0;
}

function extraActs(also: string): readonly ActName[] {
  const known = Object.keys(EXTRA_ACTS);
  return also.split(',').flatMap((one) => {
    const word = one.trim();
    if (word === '') return [];
    const acts = own(EXTRA_ACTS, word);
    if (acts !== undefined) return acts;
    const expected = `one of ${known.join(', ')}`;
    throw usageError({ subject: '--also', expected, got: show(word), ...didYouMean(word, known) });
  });
}
