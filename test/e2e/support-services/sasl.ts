/** A listener of a test's Kafka with logins, besides its plain one. */
import type { FurtherListener } from './kafka.ts';

export interface Sasl {
  readonly mechanisms: readonly string[];
  /** Passwords of PLAIN by user. */
  readonly plain: Readonly<Record<string, string>>;
  /** By mechanism: `name=orders,password=…`. */
  readonly scram: Readonly<Record<string, string>>;
  /** How long a session lasts. */
  readonly sessionMs: number;
}

const SECURITY = 'org.apache.kafka.common.security';
const UNSECURED = `${SECURITY}.oauthbearer.internals.unsecured`;
const own = (mechanism: string): string => `listener.name.sasl_plaintext.${mechanism}.sasl`;

export function saslListener({ mechanisms, plain, scram, sessionMs }: Sasl): FurtherListener {
  const users = Object.entries(plain).map(([user, password]) => `user_${user}="${password}"`);
  return {
    protocol: 'SASL_PLAINTEXT',
    scram,
    settings: {
      'sasl.enabled.mechanisms': mechanisms.join(','),
      'listener.name.sasl_plaintext.connections.max.reauth.ms': String(sessionMs),
      [`${own('plain')}.jaas.config`]: `${SECURITY}.plain.PlainLoginModule required ${users.join(' ')};`,
      [`${own('scram-sha-512')}.jaas.config`]: `${SECURITY}.scram.ScramLoginModule required;`,
      [`${own('oauthbearer')}.jaas.config`]: `${SECURITY}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
      [`${own('oauthbearer')}.server.callback.handler.class`]: `${UNSECURED}.OAuthBearerUnsecuredValidatorCallbackHandler`,
      [`${own('oauthbearer')}.login.callback.handler.class`]: `${UNSECURED}.OAuthBearerUnsecuredLoginCallbackHandler`,
    },
  };
}
