/**
 * Pushes what a night found to each receiver. Judging is over by then: a receiver that is down changes no
 * verdict, and does not keep the others from theirs.
 */
import { messageOf as errorText, readAll } from '../../core/errors.ts';
import { RECEIVER_KINDS, type ReceiverKind, type Receivers } from '../../core/receivers.ts';
import type { MetricsInput } from '../../report/metrics/samples.ts';
import type { HttpLimits } from '../../system/http/ask.ts';
import { NoAnswer } from '../../system/http/no-answer.ts';
import type { Places } from '../../system/places.ts';
import { annotate } from './annotate.ts';
import { type Endpoint, endpointOf } from './endpoint.ts';
import { messageOf } from './message.ts';
import { pushMetrics } from './push-metrics.ts';
import { Refusal } from './refusal.ts';
import { sentMarks } from './sent-marks.ts';
import { stateChanges } from './state-changes.ts';
import { sendMessage } from './webhook.ts';

export interface PublishRequest extends HttpLimits {
  readonly receivers: Receivers;
  readonly input: MetricsInput;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly places: Pick<Places, 'state'>;
  /** Sends the message although nothing changed, or although it was sent before. */
  readonly always: boolean;
}

export interface Published {
  readonly receiver: ReceiverKind;
  readonly status: 'pushed' | 'nothing-to-do' | 'failed';
  /** One sentence, without secrets. */
  readonly text: string;
}

interface Ready {
  readonly kind: ReceiverKind;
  readonly endpoint: Endpoint;
}

/** Reads every secret before anything is sent. @throws usage: one is missing, or would go in the clear. */
export function readyReceivers({
  receivers,
  env,
}: Pick<PublishRequest, 'receivers' | 'env'>): readonly Ready[] {
  const reads = RECEIVER_KINDS.flatMap((kind) => {
    const written = receivers[kind];
    return written === undefined ? [] : [() => ({ kind, endpoint: endpointOf(kind, written, env) })];
  });
  return readAll(reads);
}

/** For a command: @throws usage as `readyReceivers`; the signal's reason when it is aborted. */
export async function push(request: PublishRequest): Promise<readonly Published[]> {
  const told: Published[] = [];
  for (const one of readyReceivers(request)) told.push(await pushTo(one, request));
  return told;
}

/**
 * For a night: never throws for a receiver, also where its secret is missing.
 * @throws only the signal's reason.
 */
export async function publishNight(request: PublishRequest): Promise<readonly Published[]> {
  const told: Published[] = [];
  for (const kind of RECEIVER_KINDS) {
    if (request.receivers[kind] === undefined) continue;
    try {
      const [one] = readyReceivers({ ...request, receivers: { [kind]: request.receivers[kind] } });
      if (one !== undefined) told.push(await pushTo(one, request));
    } catch (error) {
      request.signal.throwIfAborted();
      told.push({ receiver: kind, status: 'failed', text: errorText(error) });
    }
  }
  return told;
}

async function pushTo({ kind, endpoint }: Ready, request: PublishRequest): Promise<Published> {
  try {
    return { receiver: kind, ...(await ACTS[kind](endpoint, request)) };
  } catch (error) {
    request.signal.throwIfAborted();
    if (!(error instanceof NoAnswer) && !(error instanceof Refusal)) throw error;
    const next = error.next === null ? '' : ` ${error.next}`;
    return { receiver: kind, status: 'failed', text: `${endpoint.shown}: ${errorText(error)}.${next}` };
  }
}

type Act = (endpoint: Endpoint, request: PublishRequest) => Promise<Omit<Published, 'receiver'>>;

const ACTS: Readonly<Record<ReceiverKind, Act>> = {
  async pushgateway(endpoint, request) {
    const series = await pushMetrics(endpoint, request.input, request);
    const { campaign, target } = request.input.night;
    return { status: 'pushed', text: `${endpoint.shown}: ${series} series of ${campaign} on ${target}.` };
  },

  async grafana(endpoint, request) {
    const dashboard = request.receivers.grafana?.dashboard ?? null;
    const counts = await annotate(endpoint, dashboard, request.input.night, request);
    const { created, changed, removed, unchanged } = counts;
    const isNothing = created + changed + removed === 0;
    const said = `${created} annotations created, ${changed} changed, ${removed} removed, ${unchanged} as they were`;
    return { status: isNothing ? 'nothing-to-do' : 'pushed', text: `${endpoint.shown}: ${said}.` };
  },

  async webhook(endpoint, request) {
    const { input, receivers, always } = request;
    const { night, trend } = input;
    const nothing = (why: string) => ({
      status: 'nothing-to-do' as const,
      text: `${endpoint.shown}: nothing sent, ${why}. gauntlet push --always sends it.`,
    });
    const found = trend === null ? aloneChanges(input) : stateChanges(trend);
    if (found.length === 0 && !always) {
      const alone = `${night.status}, and a run folder has no night before it to compare with`;
      return nothing(trend === null ? alone : `the state is as it was (${night.status})`);
    }
    const changes =
      found.length > 0
        ? found
        : [
            {
              kind: 'requested' as const,
              text: trend === null ? `${night.status}.` : `${night.status}, as before.`,
            },
          ];
    const message = messageOf(night, trend, changes);
    const marks = sentMarks(request.places);
    if (marks.has(endpoint, message.id) && !always) return nothing('this message was sent before');
    await sendMessage(endpoint, receivers.webhook?.format ?? 'json', message, request);
    marks.add(endpoint, message.id);
    const reasons = changes.map((one) => one.text).join(' ');
    return { status: 'pushed', text: `${endpoint.shown}: message sent. ${reasons}` };
  },
};

/** Without a history only a verdict that is no PASS is news. */
const aloneChanges = ({ night }: MetricsInput) =>
  night.status === 'PASS' ? [] : [{ kind: 'verdict' as const, text: `${night.status}.` }];
