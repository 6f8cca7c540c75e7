/** `gauntlet proxy up|down|status`: the proxy that carries the links of a target file. */
import Table from 'cli-table3';
import type { LinkState } from '../../core/acts/link-acts.ts';
import { formatAddress } from '../../core/address.ts';
import { GauntletError, usageError } from '../../core/errors.ts';
import { namedTarget } from '../../run/open/names.ts';
import { ownProxyOf } from '../../run/open/open-addresses.ts';
import { bypasses } from '../../targets/addresses/advertised-brokers.ts';
import {
  findProxy,
  linksNow,
  type OwnProxy,
  startOwnProxy,
  stopOwnProxy,
} from '../../targets/addresses/own-proxy.ts';
import { resolveTopology } from '../../targets/resolve-topology.ts';
import { type CliContext, cliContext } from '../terminal/context.ts';

export interface ProxyOptions {
  readonly json?: boolean;
}

export async function proxyCommand(
  verb: 'up' | 'down' | 'status',
  given: string,
  options: ProxyOptions,
): Promise<number> {
  const cli = cliContext();
  const target = namedTarget(given);
  const own = ownProxyOf(target, cli.places);
  if (own === undefined) {
    const expected = 'links, and platform none or processes';
    const got = 'no links';
    const next =
      'Write links: [{ from: web, to: cache, listen: "127.0.0.1:16379", dial: "127.0.0.1:6379" }].';
    throw usageError({ subject: `target ${target.name}`, expected, got, next });
  }
  if (verb === 'down') return await down(cli, own, options);
  const notes = async (): Promise<readonly string[]> => await bypasses(own.links, resolveTopology(target));
  if (verb === 'status') return await status(cli, own, given, options, notes);
  const { state, started } = await startOwnProxy(own);
  if (options.json === true) {
    cli.json({ ...state, started, notes: await notes() });
    return 0;
  }
  cli.out(
    table(
      own.links.map((one) => [one.name, formatAddress(one.listen), formatAddress(one.dial)]),
      ['link', 'listens on', 'dials'],
    ),
  );
  for (const note of await notes()) cli.out(note);
  cli.out(`${started ? 'Up' : 'It was up already'}. Stop it with: gauntlet proxy down ${given}`);
  return 0;
}

async function down(cli: CliContext, own: OwnProxy, options: ProxyOptions): Promise<number> {
  const stopped = await stopOwnProxy(own);
  if (options.json === true) cli.json({ stopped });
  else cli.out(stopped ? 'The proxy is down.' : 'No proxy of this target was up.');
  return 0;
}

async function status(
  cli: CliContext,
  own: OwnProxy,
  given: string,
  options: ProxyOptions,
  notes: () => Promise<readonly string[]>,
): Promise<number> {
  const state = findProxy(own);
  if (state === undefined) {
    const next = `Start it with: gauntlet proxy up ${given}`;
    const problem = { subject: `proxy of ${own.identity}`, expected: 'a running proxy', got: 'none', next };
    throw new GauntletError('unavailable', [problem]);
  }
  const links = await linksNow(state);
  if (options.json === true) {
    cli.json({ ...state, now: links, notes: await notes() });
    return 0;
  }
  cli.out(
    table(
      links.map((one) => rowOf(one)),
      ['link', 'connections', 'to server', 'to client', 'impaired by'],
    ),
  );
  for (const note of await notes()) cli.out(note);
  return 0;
}

const rowOf = ({ name, connections, traffic, impairedBy }: LinkState): readonly string[] => [
  name,
  String(connections),
  `${traffic.toServer.bytes} B`,
  `${traffic.toClient.bytes} B`,
  impairedBy.join(', ') || 'nothing',
];

function table(rows: readonly (readonly string[])[], head: readonly string[]): string {
  const made = new Table({ head: [...head], style: { head: [], border: [] } });
  for (const row of rows) made.push([...row]);
  return made.toString();
}
