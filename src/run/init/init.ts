/**
 * `gauntlet init`: a system of the user's own becomes files. Everything is asked and looked at before the
 * first file is written, and no file is written over another.
 */
import { basename } from 'node:path';
import type { Problem } from '../../core/errors.ts';
import { readText } from '../../system/read-text.ts';
import { readLink, readName, readService, type ServiceAnswer } from './answers.ts';
import { type Ask, askUntil, type Note, throwAll, valuesOf } from './asking.ts';
import { type ComposeAnswers, readCompose } from './compose.ts';
import { type InitAnswers, isHere } from './files.ts';
import { look, type Seen } from './look.ts';
import { type InitFlags, missingAnswers } from './missing.ts';
import { pathsOf } from './paths.ts';
import { writeFiles } from './write-files.ts';

export interface InitRequest {
  readonly flags: InitFlags;
  /** The user's folder. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly ask: Ask;
  readonly note: Note;
}

export interface InitDone {
  readonly answers: InitAnswers;
  /** Null: no service speaks HTTP, so there is no load yet. */
  readonly campaign: string | null;
  /** Whether every address is on this machine. */
  readonly isHere: boolean;
}

const NO_COMPOSE: ComposeAnswers = { services: [], readies: [], links: [], notes: [] };

/** @throws usage with every problem at once; then nothing has been written. */
export async function initStory(request: InitRequest): Promise<InitDone> {
  const { flags, root, note } = request;
  const ask = flags.yes ? null : request.ask;
  if (ask === null) throwAll(missingAnswers(flags));
  const { compose } = flags;
  const composed = compose === undefined ? NO_COMPOSE : readCompose(compose, readText(compose), request.env);
  for (const one of composed.notes) note(one);
  const name = await nameOf(flags, root, ask, note);
  const services = await servicesOf(flags, composed, ask, note);
  const seen = await Promise.all(services.map(look));
  for (const one of seen) note(one.text);
  throwAll(seen.flatMap(unknownProtocol));
  const { readies, gets } = await pathsOf(flags, { ask, note, composed: composed.readies }, seen);
  const links = await linksOf(flags, composed, ask, note, seen);
  const allowFaults =
    flags.allowFaults ??
    (ask !== null && /^y(es)?$/i.test((await ask('May faults be injected there? [no] ')).trim()));
  const answers = { name, services: seen, readies, gets, links, allowFaults };
  writeFiles(answers, root, note);
  const campaign = gets.length === 0 ? null : `${name}-smoke`;
  return { answers, campaign, isHere: isHere(seen) };
}

async function nameOf(flags: InitFlags, root: string, ask: Ask, note: Note): Promise<string> {
  if (flags.name !== undefined || ask === null) return valuesOf([readName(flags.name ?? '')])[0] ?? '';
  const folder = basename(root).toLowerCase();
  const otherwise = readName(folder).ok ? folder : 'shop';
  return (await askUntil(ask, note, { question: 'Name of the system', otherwise }, readName)) ?? otherwise;
}

async function servicesOf(
  flags: InitFlags,
  composed: ComposeAnswers,
  ask: Ask,
  note: Note,
): Promise<readonly ServiceAnswer[]> {
  const found = new Map(composed.services.map((one) => [one.name, one]));
  const given = valuesOf(flags.service.map(readService));
  throwAll(
    given.flatMap(({ name }, index) =>
      given.findIndex((one) => one.name === name) === index
        ? []
        : [{ subject: '--service', expected: 'each name once', got: `${name} twice` }],
    ),
  );
  for (const one of given) found.set(one.name, one);
  while (ask !== null && flags.service.length === 0 && flags.compose === undefined) {
    const question = 'A service and its address, such as web=http://127.0.0.1:8080 (empty: no more)';
    const one = await askUntil(ask, note, { question }, readService);
    if (one === undefined && found.size > 0) break;
    if (one === undefined) note('At least one service is needed.');
    else found.set(one.name, one);
  }
  if (found.size === 0)
    throwAll([{ subject: '--compose', expected: 'a service that publishes a port', got: 'none' }]);
  return [...found.values()];
}

const unknownProtocol = ({ name, protocol, addresses, text }: Seen): readonly Problem[] =>
  protocol !== null
    ? []
    : [
        {
          subject: `--service ${name}`,
          expected: 'a server that answers, or its protocol',
          got: text.slice(text.indexOf(': ') + 2),
          next: `Start it, or name the protocol: --service ${name}=http://${addresses[0]}`,
        },
      ];

async function linksOf(
  flags: InitFlags,
  composed: ComposeAnswers,
  ask: Ask,
  note: Note,
  seen: readonly Seen[],
): Promise<readonly string[]> {
  const names = seen.map((one) => one.name);
  const links = [...composed.links, ...valuesOf(flags.link.map((text) => readLink(text, names)))];
  while (ask !== null && flags.link.length === 0 && names.length > 1) {
    const question = `Who dials whom, such as "${names[0]} -> ${names[1]}" (several with commas; empty: nobody)`;
    const one = await askUntil(ask, note, { question }, (text) => readLink(text, names));
    if (one === undefined) break;
    links.push(one);
  }
  return links;
}
