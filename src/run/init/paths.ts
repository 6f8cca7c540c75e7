/** Which paths of a system are asked: whether a service is ready, and what users GET. */
import { type PathAnswer, readPath } from './answers.ts';
import { type Ask, askUntil, type Note, throwAll, valuesOf } from './asking.ts';
import { goodPath, healthPath, isGood, type Seen, statusOf } from './look.ts';
import type { InitFlags } from './missing.ts';

export interface Paths {
  readonly readies: readonly PathAnswer[];
  readonly gets: readonly PathAnswer[];
}

/** @param composed ready paths of a Compose file. */
export async function pathsOf(
  flags: InitFlags,
  {
    ask,
    note,
    composed,
  }: { readonly ask: Ask; readonly note: Note; readonly composed: readonly PathAnswer[] },
  seen: readonly Seen[],
): Promise<Paths> {
  const http = seen.filter((one) => one.protocol === 'http');
  const names = http.map((one) => one.name);
  const reader = (flag: '--ready' | '--get') => (text: string) => readPath(flag, text, names);
  const given = [...flags.ready.map(reader('--ready')), ...flags.get.map(reader('--get'))];
  const [ready, get] = [flags.ready.length, flags.get.length];
  const values = valuesOf(given);
  const known = [...composed.filter((one) => names.includes(one.service)), ...values.slice(0, ready)];
  const readies = new Map(known.map((one) => [one.service, one]));
  const gets = [...values.slice(ready)];
  const asked = async (
    flag: '--ready' | '--get',
    service: string,
    usual: string | undefined,
    question: string,
  ) => {
    const read = (text: string) => readPath(flag, `${service}=${text}`, names);
    if (ask === null) return usual === undefined ? undefined : { service, path: usual };
    return await askUntil(ask, note, { question, ...(usual && { otherwise: usual }) }, read);
  };
  for (const one of http) {
    const { name } = one;
    if (!readies.has(name)) {
      const question = `Path that says whether ${name} is ready (empty: any answer of / below 500)`;
      const found = await asked('--ready', name, await healthPath(one), question);
      if (found !== undefined) readies.set(name, found);
    }
    if (get > 0) continue;
    const found = await asked(
      '--get',
      name,
      await goodPath(one),
      `A path that users GET of ${name} (empty: none)`,
    );
    if (found !== undefined) gets.push(found);
  }
  if (http.length > 0 && gets.length === 0) {
    const expected = 'a GET that users do, because neither / nor a documented path answers 2xx';
    throwAll([{ subject: '--get', expected, got: 'nothing', next: `Such as --get ${names[0]}=/items` }]);
  }
  for (const { service, path } of [...readies.values(), ...gets]) {
    const status = await statusOf(`${http.find((one) => one.name === service)?.addresses[0]}${path}`);
    note(`${service}: GET ${path} answers ${status}${isGood(status) ? '' : ', which is not good (2xx)'}`);
  }
  return { readies: [...readies.values()], gets };
}
