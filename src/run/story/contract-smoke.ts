/**
 * The contract of each service that gets load, asked once before any: a target that does not implement it is
 * refused now, not after a campaign of errors.
 */
import { GauntletError, messageOf, type Problem, show } from '../../core/errors.ts';
import { isIn, mismatchOf, rangesText, wantedText } from '../../core/good-answer.ts';
import type { Plan } from '../../core/plan.ts';
import { redact } from '../../core/secrets.ts';
import type { HttpAsk } from '../../core/system.ts';
import { fillTemplate, fillTexts, type Words } from '../../core/template.ts';
import type { Topology } from '../../core/topology.ts';
import { readBody } from '../../system/bounded-body.ts';
import { ANSWER_BYTES } from '../../system/foreign-bytes.ts';

const TIMEOUT_MS = 10_000;

/** @throws unavailable error with what the contract expects and the answer. */
export async function smokeContracts(
  plan: Plan,
  topology: Topology,
  token: string | undefined,
): Promise<void> {
  const loaded = new Set(plan.load.flatMap((one) => one.flows.map(({ service }) => service)));
  const problems: Problem[] = [];
  for (const { name, endpoints } of topology.services) {
    if (!loaded.has(name)) continue;
    for (const { asks, at } of endpoints) {
      const question = asks['contract']?.question;
      if (question?.kind !== 'http') continue;
      problems.push(
        ...(await askContract(question, { url: at[0]?.address ?? '', service: name, plan, token })),
      );
    }
  }
  if (problems.length > 0) throw new GauntletError('unavailable', problems);
}

interface Asked {
  readonly url: string;
  readonly service: string;
  readonly plan: Plan;
  readonly token: string | undefined;
}

/** Undefined for text that is not JSON: the parser's own message would show a part of it. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function askContract(
  { method, path, headers, body, statuses, fields }: HttpAsk,
  { url, service, plan, token }: Asked,
): Promise<readonly Problem[]> {
  const words: Words = (name) => (name === 'id' ? `gauntlet-smoke-${plan.id}` : undefined);
  const address = `${url}${fillTemplate(path, words)}`;
  const subject = `${method.toUpperCase()} ${address}`;
  const wanted = wantedText(fields);
  const expected = `${rangesText(statuses)}${wanted === '' ? '' : ` with ${wanted}`}`;
  try {
    const answer = await fetch(address, {
      method: method.toUpperCase(),
      headers: {
        'content-type': 'application/json',
        ...Object.fromEntries(
          Object.entries(headers).map(([key, value]) => [key, fillTemplate(value, words)]),
        ),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body?.kind === 'json' && { body: JSON.stringify(fillTexts(body.json, words)) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      // As the load does: a redirect is an answer, unless the campaign follows it.
      redirect: plan.load.some((one) => (one.redirects ?? 0) > 0) ? 'follow' : 'manual',
    });
    const text = answer.body ? await readBody(answer.body, ANSWER_BYTES) : '';
    if (isIn(answer.status, statuses) && mismatchOf(fields, jsonIn(text)) === null) return [];
    return [
      {
        subject,
        expected,
        // Redact before truncating: an answer may echo the header.
        got: `${answer.status} ${show(redact(text))}`,
        next:
          answer.status >= 300 && answer.status < 400
            ? `It redirects to ${show(redact(answer.headers.get('location') ?? ''))}: write that address into the target file, or redirects: 1 next to the scenario, so that both requests are timed.`
            : `Check the address and the version of ${service}.`,
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
