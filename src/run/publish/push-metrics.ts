/** The metrics of a night into the group of its campaign and environment at a Pushgateway. */
import { redactAll } from '../../core/secrets.ts';
import { renderPrometheus } from '../../report/metrics/exposition.ts';
import type { Family } from '../../report/metrics/family.ts';
import { type MetricsInput, metricsOf } from '../../report/metrics/samples.ts';
import { ask, type HttpLimits } from '../../system/http/ask.ts';
import type { Endpoint } from './endpoint.ts';
import { groupPath } from './group-path.ts';
import { LAST_SUCCESS, lastSuccessAt } from './last-success.ts';
import { isGood, refusalOf } from './refusal.ts';

/** @returns how many series the group has now. @throws NoAnswer, Refusal. */
export async function pushMetrics(
  endpoint: Endpoint,
  input: MetricsInput,
  limits: HttpLimits,
): Promise<number> {
  const { campaign, target: environment } = input.night;
  const group = { campaign, environment };
  const known = metricsOf(input);
  // A history is the truth; a run folder that is no PASS knows nothing of earlier ones.
  const isUnknown = input.trend === null && input.night.status !== 'PASS';
  const families = isUnknown ? withLastSuccess(known, await lastSuccessAt(endpoint, group, limits)) : known;
  const answer = await ask(
    {
      method: 'PUT',
      url: `${endpoint.base}${groupPath(group)}`,
      headers: { ...endpoint.headers, 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
      body: redactAll(renderPrometheus(families)),
      repeatable: true,
    },
    limits,
  );
  if (!isGood(answer)) throw refusalOf('the metrics', answer, { 404: PATH, 405: PATH });
  return families.reduce((sum, one) => sum + one.samples.length, 0);
}

const PATH = 'Write its URL without /metrics: http://pushgateway:9091.';

const withLastSuccess = (families: readonly Family[], seconds: number): readonly Family[] =>
  families.map((family) =>
    family.name === LAST_SUCCESS
      ? { ...family, samples: family.samples.map((one) => ({ ...one, value: seconds })) }
      : family,
  );
