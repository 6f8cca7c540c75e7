/**
 * The agent of a container: a container of its own in the same network namespace, with the image of
 * packages/netagent. It writes rules whose end is the kernel's; nothing here has to be alive for that. It is
 * removed with the fault, and ends by itself two minutes after the last rule.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { GauntletError } from '../../../core/errors.ts';
import { type ContainerVictim, describeVictim } from '../../../core/topology.ts';
import type { AgentRequest, AgentState } from '../../../kube/links/agent/agent.ts';
import type { Engine } from '../engine.ts';
import { framesOf } from './stream-frames.ts';

/** The id of the container whose network it is in, the run of it, and the impairment that it was started for. */
const OF = 'gauntlet.agent.of';
const RUN = 'gauntlet.agent.run';
const FOR = 'gauntlet.agent.for';

const listShape = z.array(z.object({ Id: z.string(), Labels: z.record(z.string(), z.string()).nullish() }));
const createdShape = z.object({ Id: z.string() });
const execShape = z.object({ ExitCode: z.number().nullable() });

export interface Agent {
  readonly id: string;
  readonly of: string;
  readonly run: string;
  readonly startedFor: string;
}

/** Those that run now, of any run of Gauntlet. */
export const agentsOn = (engine: Engine): Promise<readonly Agent[]> => agentsBy(engine, { label: [OF] });

/**
 * Those that were made for an impairment and never started: the process that made them has died since. The
 * engine removes no such container by itself.
 */
export const unstartedFor = (engine: Engine, id: string): Promise<readonly Agent[]> =>
  agentsBy(engine, { label: [`${FOR}=${id}`], status: ['created'] });

async function agentsBy(
  engine: Engine,
  by: Readonly<Record<string, readonly string[]>>,
): Promise<readonly Agent[]> {
  const filters = encodeURIComponent(JSON.stringify(by));
  const list = (await engine.get(`/containers/json?filters=${filters}`, listShape)) ?? [];
  return list.map(({ Id: id, Labels: labels }) => ({
    id,
    of: labels?.[OF] ?? '',
    run: labels?.[RUN] ?? '',
    startedFor: labels?.[FOR] ?? '',
  }));
}

export const isAgentOf = (agent: Agent, { container, startTime }: ContainerVictim): boolean =>
  agent.of === container && agent.run === startTime;

/** @throws refused when the engine does not have the image. */
export async function startAgent(
  engine: Engine,
  victim: ContainerVictim,
  image: string,
  id: string,
): Promise<Agent> {
  const { container: of, startTime: run } = victim;
  const name = `gauntlet-net-${randomUUID().slice(0, 8)}`;
  const { status, body } = await engine.act('POST', `/containers/create?name=${name}`, [201, 404], {
    ...{ Image: image, Cmd: ['serve'], User: '0' },
    Labels: { [OF]: of, [RUN]: run, [FOR]: id },
    HostConfig: {
      ...{ NetworkMode: `container:${of}`, AutoRemove: true, ReadonlyRootfs: true },
      ...{ CapDrop: ['ALL'], CapAdd: ['NET_ADMIN'], SecurityOpt: ['no-new-privileges'] },
    },
  });
  if (status === 404) throw noImage(image, (body as { readonly message?: string } | null)?.message);
  const agent = { id: createdShape.parse(body).Id, of, run, startedFor: id };
  try {
    await engine.act('POST', `/containers/${agent.id}/start`, [204]);
  } catch (error) {
    await removeAgent(engine, agent);
    throw error;
  }
  return agent;
}

const noImage = (image: string, got = 'none'): GauntletError =>
  new GauntletError('refused', [
    {
      subject: `agent image ${image}`,
      expected: 'an image on the engine',
      got,
      next: 'Build it with deploy/Dockerfile.netagent, or name another one: docker: { agent: { image: … } }.',
    },
  ]);

/** 409: its own removal is under way. */
export async function removeAgent(engine: Engine, { id }: Agent): Promise<void> {
  await engine.act('DELETE', `/containers/${id}?force=1`, [204, 404, 409]);
}

/** Null: it has ended, and its rules end by themselves. */
export const stateOf = async (engine: Engine, agent: Agent): Promise<AgentState | null> =>
  await run<AgentState>(engine, agent, ['state']);

/** @throws unavailable when the rules are not in place. */
export async function applyIn(
  engine: Engine,
  agent: Agent,
  victim: ContainerVictim,
  request: AgentRequest,
): Promise<void> {
  if ((await run(engine, agent, ['apply', JSON.stringify(request)])) !== null) return;
  const subject = `agent of ${describeVictim(victim)}`;
  throw new GauntletError('unavailable', [{ subject, expected: 'a running container', got: 'none' }]);
}

export async function renewIn(engine: Engine, agent: Agent, request: AgentRequest): Promise<boolean> {
  const answer = await run<{ inPlace: boolean }>(engine, agent, ['renew', JSON.stringify(request)]);
  return answer?.inPlace === true;
}

export async function undoIn(engine: Engine, agent: Agent, id: string): Promise<void> {
  await run(engine, agent, ['undo', id]);
}

/** Its answer; null when the agent does not run. @throws unavailable with what it wrote when it failed. */
async function run<T>(engine: Engine, agent: Agent, command: readonly string[]): Promise<T | null> {
  const { status, body } = await engine.act('POST', `/containers/${agent.id}/exec`, [201, 404, 409], {
    ...{ Cmd: ['/netagent', ...command], AttachStdout: true, AttachStderr: true },
  });
  if (status !== 201) return null;
  const { Id: id } = createdShape.parse(body);
  const bytes = await engine.bytes(`/exec/${id}/start`, { Detach: false, Tty: false });
  if (bytes === null) return null;
  const { stdout, stderr } = framesOf(bytes);
  const ended = await engine.get(`/exec/${id}/json`, execShape);
  if (ended === null) return null;
  if (ended.ExitCode === 0) return JSON.parse(stdout) as T;
  const subject = `netagent ${command[0]} beside container ${agent.of.slice(0, 8)}`;
  const got = stderr.trim() || `exit code ${ended.ExitCode}`;
  throw new GauntletError('unavailable', [{ subject, expected: 'to be executed', got }]);
}
