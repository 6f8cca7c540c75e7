/**
 * One request per contract before any load: a target that does not implement it is refused now, not after a
 * campaign of errors. The platform's rules classify the text with certainty
 * (docs/systems/neural-hive-mind.md, "One intention").
 */
import { GauntletError, messageOf, type Problem, show } from '../../core/errors.ts';
import type { Plan } from '../../core/plan.ts';
import { redact } from '../../core/secrets.ts';
import type { Topology } from '../../core/topology.ts';
import { readBody } from '../../system/bounded-body.ts';
import { ANSWER_BYTES } from '../../system/foreign-bytes.ts';

const PROBE_TEXT = 'novo negócio aqui para o cliente';
const GOOD_STATUS = ['processed', 'processed_low_confidence', 'routed_to_validation'];
const TIMEOUT_MS = 10_000;

/** @throws unavailable error with what the contract expects and the answer. */
export async function smokeContracts(
  plan: Plan,
  topology: Topology,
  token: string | undefined,
): Promise<void> {
  const problems: Problem[] = [];
  const usesGateway = plan.load.some((one) => one.flows.some((flow) => flow.flow.startsWith('gateway.')));
  if (usesGateway && topology.gateway)
    problems.push(...(await smokeGateway(topology.gateway.url, plan, token)));
  if (problems.length > 0) throw new GauntletError('unavailable', problems);
}

/** Undefined for text that is not JSON: the parser's own message would show a part of it. */
function statusIn(text: string): unknown {
  try {
    return (JSON.parse(text) as { status?: unknown } | null)?.status;
  } catch {
    return undefined;
  }
}

async function smokeGateway(url: string, plan: Plan, token: string | undefined): Promise<readonly Problem[]> {
  const subject = `POST ${url}/intentions`;
  const expected = `200 with status ${GOOD_STATUS.join(', ')}`;
  try {
    const answer = await fetch(`${url}/intentions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({
        text: PROBE_TEXT,
        language: 'pt-BR',
        correlation_id: `gauntlet-smoke-${plan.id}`,
      }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      // As the load does: a redirect is an answer, unless the campaign follows it.
      redirect: plan.load.some((one) => (one.redirects ?? 0) > 0) ? 'follow' : 'manual',
    });
    const text = answer.body ? await readBody(answer.body, ANSWER_BYTES) : '';
    const status = answer.status === 200 ? statusIn(text) : undefined;
    if (typeof status === 'string' && GOOD_STATUS.includes(status)) return [];
    return [
      {
        subject,
        expected,
        // Redact before truncating: an answer may echo the header.
        got: `${answer.status} ${show(redact(text))}`,
        next:
          answer.status >= 300 && answer.status < 400
            ? `It redirects to ${show(redact(answer.headers.get('location') ?? ''))}: write that address into the target file, or redirects: 1 next to the scenario, so that both requests are timed.`
            : 'Check the address and the version of the gateway.',
      },
    ];
  } catch (error) {
    return [
      {
        subject,
        expected,
        // fetch reports only that it failed; the cause is in the inner error.
        got: messageOf(error instanceof TypeError && error.cause ? error.cause : error),
        next: 'Check that the target is up: gauntlet doctor --target.',
      },
    ];
  }
}
