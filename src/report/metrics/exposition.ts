/**
 * The two text formats that collectors of metrics read: Prometheus 0.0.4, for the Pushgateway and the
 * textfile collector, and OpenMetrics 1.0. They hold the same series; names of counters and facts differ in
 * the comments alone.
 */
import { type Family, type Labels, nameOfSample } from './family.ts';

/** Prometheus text format 0.0.4; ends with a line break. */
export const renderPrometheus = (families: readonly Family[]): string =>
  families
    .flatMap((family) => [
      `# HELP ${family.name} ${escapeHelp(family.help)}`,
      `# TYPE ${family.name} ${family.type === 'info' ? 'gauge' : family.type}`,
      ...linesOf(family),
    ])
    .map((line) => `${line}\n`)
    .join('');

/** OpenMetrics 1.0: no blank line, `# EOF` last. */
export const renderOpenMetrics = (families: readonly Family[]): string =>
  [
    ...families.flatMap((family) => {
      const name = familyName(family);
      return [
        `# TYPE ${name} ${family.type}`,
        ...(family.unit ? [`# UNIT ${name} ${family.unit}`] : []),
        `# HELP ${name} ${escapeLabelText(family.help)}`,
        ...linesOf(family),
      ];
    }),
    '# EOF',
  ]
    .map((line) => `${line}\n`)
    .join('');

/** OpenMetrics names a family without the ending that its type gives to each series. */
function familyName({ name, type }: Family): string {
  if (type === 'counter') return name.replace(/_total$/, '');
  return type === 'info' ? name.replace(/_info$/, '') : name;
}

const linesOf = (family: Family): readonly string[] =>
  family.samples.map(
    (sample) => `${nameOfSample(family, sample)}${labelsText(sample.labels)} ${numberText(sample.value)}`,
  );

export function labelsText(labels: Labels): string {
  const inside = Object.entries(labels).map(([name, text]) => `${name}="${escapeLabelText(text)}"`);
  return inside.length === 0 ? '' : `{${inside.join(',')}}`;
}

export function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}

/**
 * Label values come from targets and files. Signs that move a cursor or begin a line become their code, so
 * that two names stay two; lone halves of a pair are no text.
 */
export const escapeLabelText = (text: string): string =>
  text
    .replace(/\p{Cs}/gu, '\uFFFD')
    .replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, codeOf)
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"');

const codeOf = (sign: string): string => `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;

/** Format 0.0.4 knows no quotes in it. */
const escapeHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
