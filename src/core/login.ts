/** How Gauntlet logs in at a server of the target: names, and references to secrets; never a secret. */
import type { SecretRef } from './receivers.ts';

/** Of SASL (Kafka). */
export const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const;
export type Mechanism = (typeof MECHANISMS)[number];

/** Which keys there are is a matter of the protocol; `file:` references have absolute paths. */
export interface Login {
  /** Absent where the server knows whom a password or a token belongs to. */
  readonly user?: string;
  /** Absent: as the server chooses it. */
  readonly database?: string;
  readonly password?: SecretRef;
  readonly mechanism?: Mechanism;
  /** With OAUTHBEARER. */
  readonly token?: SecretRef;
}

export const LOGIN_KEYS = [
  'user',
  'database',
  'password',
  'mechanism',
  'token',
] as const satisfies readonly (keyof Login)[];
export type LoginKey = (typeof LOGIN_KEYS)[number];

/**
 * Which login a server refused, as the word of a probe. @param whose such as `user chaos`; absent: unknown.
 */
export const refusedLoginWord = (server: string, whose?: string): string =>
  `${server} refused the login${whose === undefined ? '' : ` of ${whose}`}`;

export const isRefusedLogin = (outcome: string): boolean => /^\w+ refused the login\b/.test(outcome);

/** The references of a login, each with its key. */
export const secretsIn = ({
  password,
  token,
}: Login): readonly (readonly [key: LoginKey, ref: SecretRef])[] => [
  ...(password === undefined ? [] : ([['password', password]] as const)),
  ...(token === undefined ? [] : ([['token', token]] as const)),
];
