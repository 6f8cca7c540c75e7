/**
 * When a campaign last passed, as the Pushgateway knows it. A push replaces the whole group, so after a FAIL
 * the instant would be lost (pushgateway#133) where no history knows it.
 */
import { z } from 'zod';
import { ask, type HttpAnswer, type HttpLimits } from '../../system/http/ask.ts';
import type { Endpoint } from './endpoint.ts';
import { isGood, Refusal, refusalOf } from './refusal.ts';

export const LAST_SUCCESS = 'gauntlet_last_success_timestamp_seconds';

/** It holds the groups of everybody. */
const MOST_BYTES = 64 * 1024 * 1024;
const PUSH_HISTORY = 'Push a history instead of a run folder: it knows when the campaign last passed.';

const labels = z.record(z.string(), z.string());
const answerShape = z.object({ data: z.array(z.object({ labels }).loose()) });
const familyShape = z.object({ metrics: z.array(z.object({ value: z.string() })) });

/** @returns epoch seconds; 0: it knows of no PASS. @throws NoAnswer, Refusal. */
export async function lastSuccessAt(
  endpoint: Endpoint,
  group: Readonly<Record<string, string>>,
  limits: HttpLimits,
): Promise<number> {
  const answer = await ask(
    {
      ...{ method: 'GET', url: `${endpoint.base}/api/v1/metrics`, headers: endpoint.headers },
      ...{ repeatable: true, most: MOST_BYTES },
    },
    limits,
  );
  const what = 'to tell when the campaign last passed (GET /api/v1/metrics)';
  if (!isGood(answer)) {
    const helps = Object.fromEntries([400, 403, 404, 405].map((status) => [status, PUSH_HISTORY]));
    throw refusalOf(what, answer, helps);
  }
  const groups = answerShape.safeParse(jsonOf(answer));
  if (!groups.success) throw new Refusal('its answer is not that of a Pushgateway', PUSH_HISTORY);
  const wanted = { job: 'gauntlet', ...group };
  const own = groups.data.data.find((one) => isSame(one.labels, wanted));
  const family = familyShape.safeParse(own?.[LAST_SUCCESS]);
  const seconds = family.success ? Number(family.data.metrics[0]?.value) : 0;
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 0;
}

const isSame = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean =>
  Object.keys(a).length === Object.keys(b).length &&
  Object.entries(b).every(([name, value]) => a[name] === value);

function jsonOf({ body }: HttpAnswer): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
