/** Where results are pushed, as a campaign or the flags name it: secrets are references, never values. */

/** An environment variable, or a file that holds nothing but the secret. */
export type SecretRef =
  | { readonly from: 'env'; readonly name: string }
  | { readonly from: 'file'; readonly name: string };

/** As a user writes it, and as messages name it: `env:GRAFANA_TOKEN`. */
export const writeRef = ({ from, name }: SecretRef): string => `${from}:${name}`;

/** A URL without user, password, query and fragment, or a reference to any URL. */
export type UrlRef = { readonly from: 'text'; readonly url: string } | SecretRef;

interface Receiver {
  /** Sent as a bearer token. Null: none is sent. */
  readonly token: SecretRef | null;
  /** Secrets may go over plain HTTP to another machine. */
  readonly insecure: boolean;
}

export interface PushgatewayReceiver extends Receiver {
  readonly url: UrlRef;
}

export interface GrafanaReceiver extends Receiver {
  readonly url: UrlRef;
  readonly token: SecretRef;
  /** Uid of the dashboard that shows the annotations. Null: annotations of the organisation. */
  readonly dashboard: string | null;
}

export const MESSAGE_FORMATS = ['json', 'slack'] as const;
export type MessageFormat = (typeof MESSAGE_FORMATS)[number];

export interface WebhookReceiver extends Receiver {
  readonly url: SecretRef;
  readonly format: MessageFormat;
}

/** Absent: not wanted. */
export interface Receivers {
  readonly pushgateway?: PushgatewayReceiver;
  readonly grafana?: GrafanaReceiver;
  readonly webhook?: WebhookReceiver;
}

export const RECEIVER_KINDS = ['pushgateway', 'grafana', 'webhook'] as const satisfies (keyof Receivers)[];
export type ReceiverKind = (typeof RECEIVER_KINDS)[number];
