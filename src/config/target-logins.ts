/**
 * How Gauntlet logs in at the services of a target: `services.<name>.login`, with the keys of the protocol
 * that the service speaks. Secrets are references.
 */
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { type LOGIN_KEYS, type Login, MECHANISMS, secretsIn } from '../core/login.ts';
import type { SecretRef } from '../core/receivers.ts';
import type { Protocol, Service, System } from '../core/system.ts';
import type { LoginForm, LoginParts } from '../protocols/line/login-form.ts';
import { REGISTRY } from '../protocols/registry.ts';
import { block, choice, isMap, oneOf } from './forms.ts';
import type { Problems } from './problems.ts';
import { text } from './words/name.ts';
import { secretRef } from './words/reference.ts';

/** A word that is none of these; which keys belong to one of them is said of the keys. */
const ANY_MECHANISM = `one of ${MECHANISMS.join(', ')}`;

const parts: LoginParts = {
  user: text('the name of a user').describe('whom it logs in as'),
  database: text('the name of a database').describe('default: that of the user'),
  password: secretRef.describe('always a reference'),
  token: secretRef.describe('of OAUTHBEARER; always a reference, and a file is read anew for each login'),
  mechanism: (words) => oneOf(words, ANY_MECHANISM).describe('of SASL; default: SCRAM-SHA-512'),
  block,
  byToken: (mechanism, forms) =>
    choice(forms, (value) =>
      isMap(value) && (value['mechanism'] === mechanism || value['token'] !== undefined)
        ? 'token'
        : 'password',
    ),
};

/** Of Redis, also where it is written beside an address. */
export const redisLogin = block({ user: parts.user.optional(), password: parts.password });

const MEANING = 'how Gauntlet logs in there; without it nobody in particular';

const formOf = (protocol: Protocol): LoginForm | undefined =>
  REGISTRY.find((one) => one.name === protocol)?.login;

/** The one protocol of a service at which it logs in. */
const loggedInto = ({ endpoints }: Service): Protocol | undefined =>
  endpoints.map((one) => one.protocol).find((protocol) => formOf(protocol) !== undefined);

/** The key `login` of one service; none where it speaks no protocol with a login. */
export function loginPart(service: Service): { readonly login?: z.ZodType } {
  const protocol = loggedInto(service);
  const form = protocol === undefined ? undefined : formOf(protocol);
  return form === undefined ? {} : { login: form(parts).optional().describe(MEANING) };
}

/** Of any service, for editors: each key is there, and the protocol decides which ones fit. */
export const anyLogin: z.ZodType = block({
  user: parts.user.optional(),
  database: parts.database.optional(),
  password: parts.password.optional(),
  mechanism: oneOf(MECHANISMS).optional().describe('of Kafka; default: SCRAM-SHA-512'),
  token: parts.token.optional(),
} satisfies Record<(typeof LOGIN_KEYS)[number], z.ZodType>)
  .optional()
  .describe(
    `${MEANING}; Redis: user, password; Kafka: user, password, mechanism, token; PostgreSQL: user, database, password`,
  );

/** @param file of the target: paths of secrets are relative to it. */
export function loginIn(
  target: unknown,
  service: Service,
  protocol: Protocol,
  file: string,
): Login | undefined {
  const written = loggedInto(service) === protocol ? writtenLogin(target, service.name) : undefined;
  if (written === undefined) return undefined;
  return absoluteLogin(written as Login, file);
}

/** @param file that paths of its secrets are relative to. */
export function absoluteLogin(login: Login, file: string): Login {
  const secrets = secretsIn(login).map(([key, reference]) => [key, absolute(reference, file)] as const);
  return { ...login, ...Object.fromEntries(secrets) };
}

/** `recover` may run anywhere. */
const absolute = ({ from, name }: SecretRef, file: string): SecretRef => ({
  from,
  name: from === 'file' ? resolve(dirname(file), name) : name,
});

function writtenLogin(target: unknown, service: string): unknown {
  const services = isMap(target) ? target['services'] : undefined;
  const own = isMap(services) ? services[service] : undefined;
  return isMap(own) ? own['login'] : undefined;
}

/** @param addressed the services that have an address, each with the protocol of it. */
export function checkLogins(
  system: System,
  addressed: readonly { readonly service: string; readonly protocol: Protocol }[],
  problems: Problems,
): void {
  for (const service of system.services) {
    const path = ['services', service.name, 'login'];
    const protocol = loggedInto(service);
    if (problems.file.valueAt(path) === undefined || protocol === undefined) continue;
    if (addressed.some((one) => one.service === service.name && one.protocol === protocol)) continue;
    const next = 'Add its address, or remove the login.';
    problems.add(path, `an address of ${service.name} for ${protocol}, which the login is for`, {
      got: 'none',
      next,
    });
  }
}
