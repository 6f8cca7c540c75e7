/**
 * The contract of each service that gets load, and of each store, asked once before any load: a target that
 * does not keep it is refused now, not after a campaign of errors.
 */
import { GauntletError, messageOf, type Problem } from '../../core/errors.ts';
import type { Plan } from '../../core/plan.ts';
import { redact } from '../../core/secrets.ts';
import type { Topology } from '../../core/topology.ts';
import { askOnce } from '../../protocols/ask-once.ts';
import { aroundOf, asksOf, CONTRACT, type NamedAsk, sayAsk } from '../../protocols/asks.ts';
import { outcomeOf, ServerWord } from '../../protocols/line/line.ts';
import type { Around, ContractOptions } from '../../protocols/line/protocol.ts';
import { tlsAdvice } from '../../targets/tls-advice.ts';

const TIMEOUT_MS = 10_000;

/** @throws unavailable error with what each contract expects and what was answered. */
export async function smokeContracts(
  plan: Plan,
  topology: Topology,
  token: string | undefined,
): Promise<void> {
  const options = {
    ...(token !== undefined && { bearer: token }),
    follow: plan.load.some((one) => (one.redirects ?? 0) > 0),
  };
  const around = aroundOf(topology, () => `gauntlet-smoke-${plan.id}`);
  const problems: Problem[] = [];
  for (const ask of contractsOf(plan, topology)) {
    const timeoutMs = ask.timeoutMs ?? TIMEOUT_MS;
    const problem = await problemOf(ask, around, { ...options, timeoutMs });
    if (problem !== null) problems.push(problem);
  }
  if (problems.length > 0) throw new GauntletError('unavailable', problems);
}

/** Stores are asked whoever gets the load: they answer without an effect. */
export function contractsOf(plan: Pick<Plan, 'load'>, topology: Topology): readonly NamedAsk[] {
  const loaded = new Set(plan.load.flatMap((one) => one.flows.map(({ service }) => service)));
  return asksOf(topology).filter(
    ({ ask, service, protocol }) => ask === CONTRACT && (loaded.has(service) || protocol.isStore === true),
  );
}

async function problemOf(ask: NamedAsk, around: Around, options: ContractOptions): Promise<Problem | null> {
  const { asks, expects } = sayAsk(ask);
  const subject = `${ask.name}: ${asks} at ${ask.at.address}`;
  try {
    await askAny(ask, around, options);
    return null;
  } catch (error) {
    if (error instanceof GauntletError) return error.problems[0] ?? null;
    const problem = { subject, expected: expects };
    if (!(error instanceof ServerWord)) {
      const got =
        outcomeOf(error) === 'stalled' ? `no answer in ${options.timeoutMs / 1000} s` : messageOf(error);
      const advice = await tlsAdvice(ask.service, ask.endpoint.protocol, ask.at, outcomeOf(error));
      const next = advice ?? 'Check that the target is up: gauntlet doctor --target.';
      return { ...problem, got: redact(got), next };
    }
    const next = error.next ?? `Check the address and the version of ${ask.service}.`;
    return { ...problem, got: redact(error.got), next };
  }
}

/** Any broker may answer for all of them: the first that does. */
async function askAny(ask: NamedAsk, around: Around, options: ContractOptions): Promise<void> {
  const places = ask.protocol.isPerAddress === true ? ask.endpoint.at : [ask.at];
  let failure: unknown;
  for (const at of places) {
    try {
      await (ask.protocol.contract?.(ask, around, options) ??
        askOnce({ ...ask, at }, around, options.timeoutMs));
      return;
    } catch (error) {
      if (error instanceof ServerWord || error instanceof GauntletError) throw error;
      failure = error;
    }
  }
  throw failure;
}
