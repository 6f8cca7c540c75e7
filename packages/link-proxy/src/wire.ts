/**
 * Checks the config file and the requests on the control socket without a schema library: this process starts
 * together with nine others and must not spend its start-up loading one. One error names all wrong fields.
 */

import type { Impairment, LinkDirection, LinkEffect } from '../../../src/core/acts/link-acts.ts';
import { GauntletError, type Problem, show } from '../../../src/core/errors.ts';
import type { ControlAddress } from '../../../src/system/control-socket.ts';
import type { Upstream } from './connection.ts';
import type { LinkConfig } from './link.ts';

export interface ProxyConfig {
  /** Path of the unix socket, shorter than 108 bytes; in a pod, a port and the first part of every path. */
  readonly controlSocket: ControlAddress;
  readonly links: readonly LinkConfig[];
}

/** Node's timers fire at once above 2^31 - 1 ms; an impairment of more than a day is a mistake anyway. */
export const LONGEST_TTL_MS = 86_400_000;

/** A line such as servers send at their limit, and one that a socket takes at once. */
const LONGEST_ANSWER = 1024;

type Fields = Readonly<Record<string, unknown>>;

/** Reads the fields of one JSON object and collects their problems. */
export class Reader {
  readonly problems: Problem[] = [];

  wrong(subject: string, expected: string, value: unknown): void {
    this.problems.push({ subject, expected, got: show(value) });
  }

  fields(subject: string, value: unknown): Fields {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
    this.wrong(subject, 'an object', value);
    return {};
  }

  text(subject: string, value: unknown): string {
    if (typeof value === 'string' && value !== '') return value;
    this.wrong(subject, 'a text', value);
    return '';
  }

  number(subject: string, value: unknown, from: number, to: number): number {
    if (typeof value === 'number' && value >= from && value <= to) return value;
    this.wrong(subject, `a number from ${from} to ${to}`, value);
    return from;
  }

  list<T>(subject: string, value: unknown, item: (subject: string, value: unknown) => T): readonly T[] {
    if (Array.isArray(value)) return value.map((one, index) => item(`${subject}[${index}]`, one));
    this.wrong(subject, 'a list', value);
    return [];
  }

  finish(): void {
    if (this.problems.length > 0) throw new GauntletError('usage', this.problems);
  }
}

export function parseProxyConfig(value: unknown): ProxyConfig {
  const reader = new Reader();
  const fields = reader.fields('config', value);
  const config = {
    controlSocket: controlAddress(reader, fields['controlSocket']),
    links: reader.list('links', fields['links'], (subject, one) => linkConfig(reader, subject, one)),
  };
  const names = config.links.map((link) => link.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) reader.wrong('links', 'each name once', `${twice} twice`);
  reader.finish();
  return config;
}

function controlAddress(reader: Reader, value: unknown): ControlAddress {
  if (typeof value !== 'object' || value === null) return reader.text('controlSocket', value);
  const { port, below } = reader.fields('controlSocket', value);
  return {
    port: reader.number('controlSocket.port', port, 0, 65_535),
    below: reader.text('controlSocket.below', below),
  };
}

function linkConfig(reader: Reader, subject: string, value: unknown): LinkConfig {
  const fields = reader.fields(subject, value);
  const listen = reader.fields(`${subject}.listen`, fields['listen']);
  return {
    name: reader.text(`${subject}.name`, fields['name']),
    from: reader.text(`${subject}.from`, fields['from']),
    to: reader.text(`${subject}.to`, fields['to']),
    listen: {
      host: reader.text(`${subject}.listen.host`, listen['host']),
      port: reader.number(`${subject}.listen.port`, listen['port'], 0, 65_535),
    },
    upstreams: upstreams(reader, `${subject}.upstreams`, fields['upstreams']),
  };
}

function upstreams(reader: Reader, subject: string, value: unknown): readonly Upstream[] {
  return reader.list(subject, value, (at, one) => {
    const fields = reader.fields(at, one);
    if (typeof fields['ready'] !== 'boolean') reader.wrong(`${at}.ready`, 'true or false', fields['ready']);
    return {
      instance: reader.text(`${at}.instance`, fields['instance']),
      host: reader.text(`${at}.host`, fields['host']),
      port: reader.number(`${at}.port`, fields['port'], 1, 65_535),
      ready: fields['ready'] === true,
    };
  });
}

/** @param links the names of the existing links. */
export function parseUpstreams(
  value: unknown,
  links: readonly string[],
): { readonly name: string; readonly upstreams: readonly Upstream[] } {
  const reader = new Reader();
  const fields = reader.fields('body', value);
  const name = knownLink(reader, 'name', fields['name'], links);
  const list = upstreams(reader, 'upstreams', fields['upstreams']);
  reader.finish();
  return { name, upstreams: list };
}

export function parseImpairment(value: unknown, links: readonly string[]): Impairment {
  const reader = new Reader();
  const fields = reader.fields('body', value);
  const impairment: Impairment = {
    id: reader.text('id', fields['id']),
    links: reader.list('links', fields['links'], (at, one) => knownLink(reader, at, one, links)),
    effect: effect(reader, fields['effect']),
    ttlMs: reader.number('ttlMs', fields['ttlMs'], 1, LONGEST_TTL_MS),
  };
  if (Array.isArray(fields['links']) && impairment.links.length === 0) {
    reader.wrong('links', 'at least one link', impairment.links);
  }
  reader.finish();
  return impairment;
}

export function parseId(value: unknown): string {
  const reader = new Reader();
  const id = reader.text('id', reader.fields('body', value)['id']);
  reader.finish();
  return id;
}

export function parseRenewal(value: unknown): { readonly id: string; readonly ttlMs: number } {
  const reader = new Reader();
  const fields = reader.fields('body', value);
  const renewal = {
    id: reader.text('id', fields['id']),
    ttlMs: reader.number('ttlMs', fields['ttlMs'], 1, LONGEST_TTL_MS),
  };
  reader.finish();
  return renewal;
}

export function knownLink(reader: Reader, subject: string, value: unknown, links: readonly string[]): string {
  if (typeof value === 'string' && links.includes(value)) return value;
  reader.wrong(subject, `one of ${links.join(', ')}`, value);
  return '';
}

function effect(reader: Reader, value: unknown): LinkEffect {
  const fields = reader.fields('effect', value);
  const { kind } = fields;
  if (kind === 'cut') return { kind, ...directionOf(reader, fields['direction']) };
  if (kind === 'reset') return { kind };
  if (kind === 'reject') return { kind, ...answerOf(reader, fields['answer']) };
  if (kind !== 'throttle') reader.wrong('effect.kind', 'cut, reset, reject or throttle', kind);
  const optional = (name: string, from: number, to: number): number | undefined =>
    fields[name] === undefined ? undefined : reader.number(`effect.${name}`, fields[name], from, to);
  const bitsPerSecond = optional('bitsPerSecond', 1, 1e12);
  const latencyMs = optional('latencyMs', 0, 3_600_000);
  const jitterMs = optional('jitterMs', 0, 3_600_000);
  const seed = optional('seed', 0, 2 ** 32 - 1);
  // A negative delay would have to be raised to 0, and the mean would not be latencyMs any more.
  if ((jitterMs ?? 0) > (latencyMs ?? 0)) reader.wrong('effect.jitterMs', 'at most latencyMs', jitterMs);
  if (kind === 'throttle' && bitsPerSecond === undefined && latencyMs === undefined) {
    reader.wrong('effect', 'bitsPerSecond, latencyMs or both', value);
  }
  return {
    kind: 'throttle',
    ...(bitsPerSecond === undefined ? {} : { bitsPerSecond }),
    ...(latencyMs === undefined ? {} : { latencyMs }),
    ...(jitterMs === undefined ? {} : { jitterMs }),
    ...(seed === undefined ? {} : { seed }),
  };
}

function answerOf(reader: Reader, value: unknown): { readonly answer?: string } {
  if (value === undefined) return {};
  if (typeof value === 'string' && value.length <= LONGEST_ANSWER) return { answer: value };
  reader.wrong('effect.answer', `a text of at most ${LONGEST_ANSWER} characters`, value);
  return {};
}

function directionOf(reader: Reader, value: unknown): { readonly direction?: LinkDirection } {
  if (value === undefined) return {};
  if (value === 'to-server' || value === 'to-client') return { direction: value };
  reader.wrong('effect.direction', 'to-server or to-client', value);
  return {};
}
