/** What a result says about the foreign scripts of its run, from the plan and the end of the load. */
import type { ScriptFacts } from '../../core/foreign-script.ts';
import type { Plan } from '../../core/plan.ts';
import type { Ledger } from '../../core/result.ts';
import type { Reason } from '../../core/verdict.ts';
import type { LoadEnd } from '../../load/load-end.ts';

/** Empty: there are none. */
export const scriptFacts = ({ load }: Plan, end: LoadEnd | undefined): readonly ScriptFacts[] =>
  load.flatMap(({ scenario, script, flows, foreign }): readonly ScriptFacts[] => {
    if (foreign === undefined) return [];
    const { digest, thresholds, flags } = foreign;
    const models = Object.fromEntries(flows.map((one) => [one.flow, one.foreign?.model ?? 'open'] as const));
    return [{ name: scenario, script, digest, models, thresholds, flags, ...end?.scripts?.[scenario] }];
  });

/** Iterations without any request have no service time: a flow of only such ones says nothing of a system. */
export const judgeRequests = (
  scripts: readonly ScriptFacts[],
  ledgers: Readonly<Record<string, Ledger>>,
): readonly Reason[] =>
  scripts.flatMap(({ withoutRequest = {} }) =>
    Object.entries(withoutRequest).flatMap(([flow, count]): readonly Reason[] =>
      count < (ledgers[flow]?.completed ?? 0)
        ? []
        : [
            {
              status: 'NO-DATA',
              text: `${flow}: none of its ${count} iterations sent a request of HTTP or gRPC`,
            },
          ],
    ),
  );
