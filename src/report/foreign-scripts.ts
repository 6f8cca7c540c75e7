/** What every report says about foreign scripts: their model, their own thresholds, and what to know. */
import { CLOSED_MODEL, type ScriptFacts } from '../core/foreign-script.ts';
import { formatCount } from './format.ts';
import type { ReportInput } from './input.ts';

export const SCRIPTS_TITLE = 'Foreign scripts';

export interface ScriptLines {
  readonly name: string;
  readonly lines: readonly string[];
}

/** Empty: the run had none. Foreign text: escape it. */
export const scriptLines = ({ result }: ReportInput): readonly ScriptLines[] =>
  (result.scripts ?? []).map((script) => ({
    name: `${script.script} (sha256 ${script.digest.slice(0, 12)})`,
    lines: [...modelLines(script), ...thresholdLines(script), ...apartLines(script), ...otherLines(script)],
  }));

function modelLines({ models }: ScriptFacts): readonly string[] {
  return Object.entries(models).map(
    ([flow, model]) => `${flow}: ${model === 'closed' ? CLOSED_MODEL : 'open model: lateness is measured'}`,
  );
}

/** k6 says which metrics, and not which of their expressions. */
function thresholdLines({ thresholds, crossed }: ScriptFacts): readonly string[] {
  return Object.entries(thresholds).map(([metric, expressions]) => {
    const isJudged = crossed !== undefined && crossed !== null;
    const answer = !isJudged ? 'not judged by k6' : crossed.includes(metric) ? 'crossed' : 'met';
    return `threshold of the script, no part of the verdict: ${metric} ${expressions.join(', ')}: ${answer}`;
  });
}

function apartLines({ setup, teardown }: ScriptFacts): readonly string[] {
  return Object.entries({ setup, teardown }).flatMap(([name, counts]) =>
    counts === undefined || counts.requests === 0
      ? []
      : [
          `${name}, in no flow: requests ${formatCount(counts.requests)}, failed ${formatCount(counts.failed)}`,
        ],
  );
}

function otherLines({ models, flags, withoutRequest = {} }: ScriptFacts): readonly string[] {
  const empty = Object.entries(withoutRequest).map(
    ([flow, count]) => `${flow}: ${formatCount(count)} iterations sent no request and count as 0 ms`,
  );
  const isSaid = (flag: string): boolean =>
    Object.values(models).includes('closed') && flag.includes(CLOSED_MODEL);
  return [...empty, ...flags.filter((flag) => !isSaid(flag))];
}
