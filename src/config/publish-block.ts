/**
 * The `publish:` block of a campaign: where its results are pushed.
 *   publish:
 *     pushgateway: { url: http://pushgateway:9091 }
 *     webhook: { url: env:SLACK_WEBHOOK, format: slack }
 */
import type { z } from 'zod';
import { MESSAGE_FORMATS, type Receivers } from '../core/receivers.ts';
import { block, oneOf, yesOrNo } from './forms.ts';
import type { Partly } from './partly.ts';
import { text } from './words/name.ts';
import { secretRef, urlRef } from './words/reference.ts';

const insecure = yesOrNo
  .default(false)
  .describe('allow secrets over plain http to another machine, such as inside a cluster');

export const publishBlock = block({
  pushgateway: block({
    url: urlRef.describe('its address; user and password of a URL by reference are sent as basic auth'),
    token: secretRef.optional().describe('sent as a bearer token'),
    insecure,
  })
    .optional()
    .describe('metrics, to a Pushgateway of Prometheus'),
  grafana: block({
    url: urlRef.describe('its address'),
    token: secretRef.describe('of a service account that may read, create, write and delete annotations'),
    dashboard: text('the uid of a dashboard', ['gauntlet'])
      .optional()
      .describe('the dashboard that shows the faults; without it they are annotations of the organisation'),
    insecure,
  })
    .optional()
    .describe('faults, as annotations of Grafana'),
  webhook: block({
    url: secretRef.describe('anybody with the URL can send to it, so it is always a reference'),
    format: oneOf(MESSAGE_FORMATS)
      .default('json')
      .describe('slack for a webhook of Slack; json: schemas/message.json'),
    token: secretRef.optional().describe('sent as a bearer token'),
    insecure,
  })
    .optional()
    .describe('a message when the state changes'),
});

type PublishShape = z.output<typeof publishBlock>;

/** @param written checked before: a part that could not be read is a problem of the file. */
export function receiversOf(written: Partly<PublishShape> | undefined): Receivers {
  const { pushgateway, grafana, webhook } = (written ?? {}) as PublishShape;
  return {
    ...(pushgateway && { pushgateway: { ...pushgateway, token: pushgateway.token ?? null } }),
    ...(grafana && { grafana: { ...grafana, dashboard: grafana.dashboard ?? null } }),
    ...(webhook && { webhook: { ...webhook, token: webhook.token ?? null } }),
  };
}
