/**
 * What a Compose file says of a system: services with a published port, who depends on whom, and the path
 * that a health check asks. Ports are those of this machine.
 */
import { isMap } from '../../config/forms.ts';
import { parseUserFile } from '../../config/user-file.ts';
import type { Protocol } from '../../core/system.ts';
import type { PathAnswer, ServiceAnswer } from './answers.ts';

export interface ComposeAnswers {
  readonly services: readonly ServiceAnswer[];
  readonly readies: readonly PathAnswer[];
  readonly links: readonly string[];
  /** Services that are left out, with the reason. */
  readonly notes: readonly string[];
}

/** What images and ports say about the protocol; the rest is dialled. */
const IMAGES: readonly (readonly [RegExp, Protocol])[] = [
  [/(^|\/)(redis|valkey)\b/, 'redis'],
  [/(^|\/)(postgres|postgresql|timescaledb)\b/, 'postgres'],
  [/(^|\/)(kafka|redpanda|cp-kafka)\b/, 'kafka'],
];
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** @throws usage with every problem of the syntax. */
export function readCompose(
  file: string,
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): ComposeAnswers {
  const { services } = Object(parseUserFile(file, text).data) as { readonly services?: unknown };
  const written = Object.entries(isMap(services) ? services : {}).map(
    ([key, one]) => [key.replaceAll('_', '-'), isMap(one) ? one : {}] as const,
  );
  const notes: string[] = [];
  const found = written.flatMap(([name, one]): ServiceAnswer[] => {
    const port = publishedPort(one['ports'], env);
    if (!NAME.test(name))
      notes.push(`${name}: left out, because its name is not of letters, digits and dashes`);
    else if (port === undefined)
      notes.push(`${name}: left out, because it publishes no port to this machine`);
    else return [serviceAt(name, String(one['image'] ?? ''), port)];
    return [];
  });
  const names = found.map((one) => one.name);
  const there = written.filter(([name]) => names.includes(name));
  return {
    services: found,
    readies: there.flatMap(([name, one]) => {
      const path = healthPath(one['healthcheck']);
      return path === undefined ? [] : [{ service: name, path }];
    }),
    links: there.flatMap(([name, one]) => {
      const to = dependsOn(one['depends_on']).filter((other) => names.includes(other));
      return to.length === 0 ? [] : [`${name} -> ${to.join(', ')}`];
    }),
    notes,
  };
}

function serviceAt(name: string, image: string, port: string): ServiceAnswer {
  const protocol = IMAGES.find(([pattern]) => pattern.test(image))?.[1] ?? null;
  const address = `127.0.0.1:${port}`;
  return { name, protocol, addresses: [protocol === 'redis' ? `redis://${address}` : address] };
}

/** The first port with a fixed number on this machine: `8080:80`, `127.0.0.1:8080:80`, or the long form. */
function publishedPort(
  ports: unknown,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const all = (Array.isArray(ports) ? ports : []).map((one: unknown) =>
    filled(isMap(one) ? `${String(one['published'] ?? '')}:` : String(one), env),
  );
  const pattern = /^(?:(?:\d+(?:\.\d+){3}|\[[^\]]*\]):)?(\d{1,5}):/;
  return all.map((one) => pattern.exec(one)?.[1]).find((one) => one !== undefined);
}

/** `${PORT:-8080}`, as Compose fills it in. */
const filled = (text: string, env: Readonly<Record<string, string | undefined>>): string =>
  text.replace(/\$\{(\w+)(?::?-([^}]*))?\}/g, (_, name: string, other = '') => env[name] || other);

function dependsOn(written: unknown): readonly string[] {
  const names = Array.isArray(written) ? written.map(String) : isMap(written) ? Object.keys(written) : [];
  return names.map((one) => one.replaceAll('_', '-'));
}

function healthPath(healthcheck: unknown): string | undefined {
  const test = isMap(healthcheck) ? healthcheck['test'] : undefined;
  const command = Array.isArray(test) ? test.join(' ') : String(test ?? '');
  return /https?:\/\/[^/\s'"|]+(\/[^\s'"|]+)/.exec(command)?.[1];
}
