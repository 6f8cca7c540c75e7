/**
 * `gauntlet sandbox up|down|status`: the embedded system under test, to inspect or to use with other tools.
 */
import Table from 'cli-table3';
import { didYouMean } from '../../core/did-you-mean.ts';
import { GauntletError } from '../../core/errors.ts';
import { partsOf } from '../../core/sandbox/processes.ts';
import { systemNamed } from '../../run/files/systems.ts';
import type { SandboxState } from '../../system/sandbox/state.ts';
import { requireParts } from '../../system/toolchain/parts.ts';
import { openPlatform } from '../../targets/open-platform.ts';
import { findSandbox, listSandboxes, startSandbox, stopSandbox } from '../../targets/sandbox/sandbox.ts';
import { type CliContext, cliContext } from '../terminal/context.ts';
import { untilSignal } from '../terminal/signals.ts';

export interface SandboxOptions {
  readonly name: string;
  /** Of `up`: a name, or the path of a file. */
  readonly system?: string;
  readonly json?: boolean;
}

export async function sandboxCommand(
  verb: 'up' | 'down' | 'status',
  options: SandboxOptions,
): Promise<number> {
  const cli = cliContext();
  if (verb === 'up') return await up(cli, options);
  if (verb === 'down') return await down(cli, options);
  return await status(cli, options);
}

async function up(cli: CliContext, options: SandboxOptions): Promise<number> {
  const system = systemNamed(options.system ?? null);
  const tools = await requireParts(partsOf(system), {
    places: cli.places,
    env: cli.env,
    progress: cli.note,
  });
  const stop = untilSignal();
  const sandbox = await startSandbox({
    name: options.name,
    system,
    places: cli.places,
    tools,
    owner: 'itself',
    progress: cli.note,
    signal: stop.signal,
  });
  printAddresses(cli, sandbox.state, options);
  if (options.json !== true) cli.out(`Stop it with: gauntlet sandbox down${nameFlag(options)}`);
  return 0;
}

async function down(cli: CliContext, options: SandboxOptions): Promise<number> {
  const { stopped } = await stopSandbox(options.name, cli.places);
  if (options.json === true) cli.json({ stopped });
  else {
    const none = `No sandbox ${options.name} is running. ${hintOf(cli, options.name)}`;
    cli.out(stopped ? `Sandbox ${options.name} is down.` : none.trimEnd());
  }
  return 0;
}

/** A running sandbox with a similar name. */
function hintOf(cli: CliContext, name: string): string {
  const running = listSandboxes(cli.places).map((one) => one.name);
  const { next } = didYouMean(name, running);
  return next === undefined ? '' : `${next} `;
}

async function status(cli: CliContext, options: SandboxOptions): Promise<number> {
  const state = findSandbox(options.name, cli.places);
  if (!state) {
    throw new GauntletError('unavailable', [
      {
        subject: `sandbox ${options.name}`,
        expected: 'a running sandbox',
        got: 'none',
        next: `${hintOf(cli, options.name)}Start it with: gauntlet sandbox up${nameFlag(options)}`,
      },
    ]);
  }
  printAddresses(cli, state, options);
  if (options.json === true) return 0;
  const platform = await openPlatform({
    platform: 'sandbox',
    identity: state.topology.identity,
    stateFile: state.stateFile,
  });
  const instances = new Table({
    head: ['instance', 'pid', 'ready', 'restarts'],
    style: { head: [], border: [] },
  });
  for (const one of (await platform.instances?.list()) ?? []) {
    instances.push([one.instance, 'pid' in one ? one.pid : '', one.ready ? 'yes' : 'no', one.restarts]);
  }
  cli.out(instances.toString());
  const impaired = ((await platform.links?.list()) ?? []).filter((link) => link.impairedBy.length > 0);
  cli.out(
    impaired.length === 0
      ? 'No link is impaired.'
      : `Impaired links: ${impaired.map((link) => link.name).join(', ')}`,
  );
  return 0;
}

function printAddresses(cli: CliContext, state: SandboxState, options: SandboxOptions): void {
  if (options.json === true) {
    cli.json(state);
    return;
  }
  const table = new Table({ head: ['part', 'address'], style: { head: [], border: [] } });
  for (const one of state.addresses) table.push([one.label, one.address]);
  cli.out(table.toString());
}

const nameFlag = (options: SandboxOptions): string =>
  options.name === 'default' ? '' : ` --name ${options.name}`;
