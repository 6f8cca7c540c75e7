import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../../../src/core/errors.ts';
import { type Read, readLink, readName, readPath, readService } from '../../../../src/run/init/answers.ts';
import { missingAnswers } from '../../../../src/run/init/missing.ts';

const said = (read: Read<unknown>): string => (read.ok ? 'fine' : formatProblem(read.problem));
const value = <Value>(read: Read<Value>): Value | undefined => (read.ok ? read.value : undefined);

describe('a flag of init', () => {
  it.each([
    ['web=http://127.0.0.1:8080', 'http', ['http://127.0.0.1:8080']],
    ['web=127.0.0.1:8080', null, ['127.0.0.1:8080']],
    ['cache=redis://localhost', 'redis', ['redis://localhost:6379']],
    ['bus=kafka://127.0.0.1:9092,127.0.0.1:9093', 'kafka', ['127.0.0.1:9092', '127.0.0.1:9093']],
    ['db=postgres://127.0.0.1:5432', 'postgres', ['127.0.0.1:5432']],
    ['orders=grpc://[::1]:50051', 'grpc', ['[::1]:50051']],
    ['old=tcp://127.0.0.1:7', 'tcp', ['127.0.0.1:7']],
  ])('is a service: %s', (text, protocol, addresses) => {
    expect(value(readService(text))).toEqual({ name: text.split('=')[0], protocol, addresses });
  });

  it.each([
    [
      readService('web'),
      '--service: expected NAME=ADDRESS, such as web=http://127.0.0.1:8080 or cache=redis://127.0.0.1:6379, got "web".',
    ],
    [
      readService('web=htp://127.0.0.1:8080'),
      '--service web: expected an address that begins with one of http://, grpc://, kafka://, redis://, postgres://, tcp://, got "htp://". Did you mean http?',
    ],
    [
      readService('cache=redis://:geheim@127.0.0.1'),
      '--service cache: expected a URL such as redis://127.0.0.1:6379, without user, password and path, got another text.',
    ],
    [
      readName('My Shop'),
      '--name: expected a name of lower-case letters, digits and dashes, at most 40 long, got "My Shop".',
    ],
    [
      readPath('--get', 'web/items', ['web']),
      '--get: expected SERVICE=/PATH, such as web=/items, got "web/items".',
    ],
    [
      readPath('--ready', 'wep=/health', ['web']),
      '--ready: expected the name of a service that speaks http: one of web, got "wep". Did you mean web?',
    ],
    [
      readLink('web -> cash', ['web', 'cache']),
      '--link: expected a service: one of web, cache, got "cash". Did you mean cache?',
    ],
  ])('is refused with the fix', (read, expected) => {
    expect(said(read)).toBe(expected);
  });
});

describe('without a terminal', () => {
  const none = { service: [], ready: [], get: [], link: [], yes: false };

  it('every question without an answer is named at once, with its flag and what --yes would take', () => {
    expect(missingAnswers(none).map(formatProblem)).toEqual([
      'init: there is no terminal to ask on, so each question needs its flag.',
      '--name NAME: expected the name of your system, such as --name shop, got nothing.',
      '--service NAME=ADDRESS: expected each service, such as --service web=http://127.0.0.1:8080, or --compose FILE, got nothing.',
      '--ready SERVICE=/PATH: expected the path that says whether it is ready, such as --ready web=/health, got nothing. With --yes: GET / below 500.',
      '--get SERVICE=/PATH: expected a GET that users do, such as --get web=/items, got nothing. With --yes: a documented path, or /, where it answers 2xx.',
      '--link "FROM -> TO": expected who dials whom, such as --link "web -> cache", got nothing. With --yes: no link.',
      '--allow-faults, or --no-allow-faults: expected whether faults may be injected there, got nothing. With --yes: no.',
    ]);
  });

  it('--yes leaves those that have no default', () => {
    const flags = missingAnswers({ ...none, yes: true }).map((one) => one.subject);
    expect(flags).toEqual(['init', '--name NAME', '--service NAME=ADDRESS']);
    expect(missingAnswers({ ...none, yes: true, name: 'shop', compose: 'compose.yaml' })).toEqual([]);
  });
});
