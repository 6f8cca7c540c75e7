/**
 * Whether the run's own logins were good to its end. A server that refuses them says nothing about how it
 * serves others, so no number of its probes can be judged; also where a fault made it refuse them.
 */
import { isRefusedLogin } from '../core/login.ts';
import type { ProbeSample } from '../core/samples.ts';
import type { Reason } from '../core/verdict.ts';

export function judgeLogins(samples: readonly Pick<ProbeSample, 'probe' | 'outcome'>[]): readonly Reason[] {
  const counts = new Map<string, number>();
  for (const { probe, outcome } of samples) {
    if (!isRefusedLogin(outcome)) continue;
    const said = `${probe}: ${outcome}`;
    counts.set(said, (counts.get(said) ?? 0) + 1);
  }
  return [...counts].map(([said, count]) => ({
    status: 'INVALID',
    text:
      `${said} ${count === 1 ? 'once' : `${count} times`} during the run: that is the run's own login, and no failure of ` +
      'the target. Check whether it was changed, locked or removed.',
  }));
}
