/** What a plan says about a foreign script. Its names are foreign text. */
import {
  CLOSED_MODEL,
  type ForeignFlow,
  type ForeignLoad,
  type OwnSchedule,
} from '../../core/foreign-script.ts';
import { plain } from '../../core/plain.ts';
import { formatLength } from '../../core/units.ts';

export function scriptText(script: string, foreign: ForeignLoad): readonly string[] {
  const { digest, thresholds, flags, secrets } = foreign;
  const variables = Object.values(secrets);
  return [
    `  ${plain(script)} (sha256 ${digest.slice(0, 12)}), unchanged; where it sends to is up to the script`,
    ...flags.map((flag) => `    flagged: ${plain(flag)}`),
    ...Object.entries(thresholds).map(
      ([metric, all]) =>
        `    threshold, shown and no part of the verdict: ${plain(`${metric} ${all.join(', ')}`)}`,
    ),
    ...(variables.length > 0 ? [`    gets the secrets ${variables.join(', ')}`] : []),
  ];
}

export function ownText({ kind, model, exec }: ForeignFlow, own: OwnSchedule): string {
  const count = own.iterations === undefined ? '' : `${own.iterations} iterations, at most `;
  const start = own.startMs > 0 ? ` from ${formatLength(own.startMs)} on` : '';
  const mark = model === 'closed' ? `; ${CLOSED_MODEL}` : '; open model';
  return `${kind} of ${plain(exec)}, ${count}${formatLength(own.lengthMs)}${start}${mark}`;
}
