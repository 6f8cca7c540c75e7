/** The flags of `gauntlet gate` over the `gate:` block of its campaign. */
import { type Problem, throwInFileOrder } from '../core/errors.ts';
import { type GateMetric, MOST_GATE_METRICS } from '../core/gate.ts';
import { type CampaignGate, metricRefusal } from './campaign-gate.ts';
import { gateBudget } from './gate-block.ts';
import { gateDifference, gateMetric } from './words/gate.ts';
import type { Word } from './words/word.ts';

/** As they were typed; what is absent is that of the block. */
export interface GateFlags {
  readonly find?: string;
  readonly allow?: string;
  /** With commas. */
  readonly metrics?: string;
  readonly budget?: string;
}

/** @param flows of the campaign, the first one first. @throws usage with everything that is wrong. */
export function gateWithFlags(gate: CampaignGate, flags: GateFlags, flows: readonly string[]): CampaignGate {
  const problems: Problem[] = [];
  const read = <Value>(name: keyof GateFlags, word: Word<Value>): Value | undefined => {
    const text = flags[name];
    if (text === undefined) return undefined;
    const parsed = word.safeParse(text);
    if (parsed.success) return parsed.data;
    problems.push({ subject: `--${name}`, ...saidOf(parsed.error.issues[0]), got: JSON.stringify(text) });
    return undefined;
  };
  const find = read('find', gateDifference) ?? gate.find;
  const allow = read('allow', gateDifference) ?? gate.allow;
  const budgetMs = read('budget', gateBudget) ?? gate.budgetMs;
  if (allow >= find) problems.push(crossed({ find, allow }, flags));
  const metrics = flags.metrics === undefined ? gate.metrics : metricsOf(flags.metrics, flows, problems);
  throwInFileOrder(problems);
  return { ...gate, find, allow, budgetMs, metrics };
}

interface Issue {
  readonly message: string;
  readonly params?: unknown;
}

function saidOf(issue: Issue | undefined): Pick<Problem, 'expected' | 'next'> {
  const { next } = (issue?.params ?? {}) as { readonly next?: string };
  return { expected: issue?.message ?? '', ...(next !== undefined && { next }) };
}

function crossed({ find, allow }: Pick<CampaignGate, 'find' | 'allow'>, flags: GateFlags): Problem {
  const [is, must] = [gateDifference.encode(allow), gateDifference.encode(find)].map(String);
  return flags.allow !== undefined
    ? { subject: '--allow', expected: `less than find (${must})`, got: `${is}` }
    : { subject: '--find', expected: `more than allow (${is})`, got: `${must}` };
}

/** `p99` is of the first flow; `flow:p99` of another. */
function metricsOf(text: string, flows: readonly string[], problems: Problem[]): readonly GateMetric[] {
  const subject = '--metrics';
  const found: GateMetric[] = [];
  for (const one of text.split(',')) {
    const parsed = gateMetric.safeParse(one);
    if (!parsed.success) {
      problems.push({ subject, ...saidOf(parsed.error.issues[0]), got: JSON.stringify(one.trim()) });
      continue;
    }
    const metric = { ...parsed.data, flow: parsed.data.flow ?? flows[0] ?? '' };
    const refusal = metricRefusal(metric, found, flows);
    if (refusal === null) found.push(metric);
    else problems.push({ subject, ...refusal });
  }
  if (found.length > MOST_GATE_METRICS)
    problems.push({
      subject,
      expected: `at most ${MOST_GATE_METRICS}: with more of them the level of each becomes so small that twice the pairs are needed`,
      got: `${found.length}`,
    });
  return found;
}
