/** A message to a webhook. */
import type { Message } from '../../core/message.ts';
import type { MessageFormat } from '../../core/receivers.ts';
import { redactAll } from '../../core/secrets.ts';
import { slackMessage } from '../../report/slack-message.ts';
import { ask, type HttpLimits } from '../../system/http/ask.ts';
import type { Endpoint } from './endpoint.ts';
import { isGood, refusalOf } from './refusal.ts';

/** @throws NoAnswer, Refusal. */
export async function sendMessage(
  endpoint: Endpoint,
  format: MessageFormat,
  message: Message,
  limits: HttpLimits,
): Promise<void> {
  const body = JSON.stringify(redactAll(format === 'slack' ? slackMessage(message) : message));
  const headers = { ...endpoint.headers, 'content-type': 'application/json' };
  const answer = await ask({ method: 'POST', url: endpoint.base, headers, body, repeatable: true }, limits);
  if (isGood(answer)) return;
  const isSlack = /^https:\/\/hooks\.slack(-gov)?\.com\//.test(endpoint.base);
  throw refusalOf('the message', answer, {
    ...(isSlack && format === 'json' && { 400: 'Slack takes its own format alone: set format: slack.' }),
    403: 'Check its URL: the webhook may be revoked, or its channel archived.',
    404: 'Check its URL: the webhook may be gone.',
    410: 'The webhook or its channel is gone: make a new one.',
  });
}
