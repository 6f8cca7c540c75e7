/** Agents in the memory of a fake engine: containers that hold tables of rules, and the command netagent in them. */
import type { AgentRequest } from '../../src/kube/links/agent/agent.ts';

interface FakeAgent {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly network: string;
  isStarted: boolean;
  tables: AgentRequest[];
}

type Reply = readonly [number, unknown?];

export class FakeAgents {
  /** The image that the engine has. */
  image = 'agent:1';
  running: FakeAgent[] = [];
  /** What the command writes to stderr next, instead of doing anything. */
  failNext: string | null = null;
  readonly #execs = new Map<
    string,
    { readonly agent: FakeAgent; readonly command: readonly string[]; code: number }
  >();
  #next = 1;

  /** Of containers with all of these labels, which run, or which were made and not started. */
  listed(labels: readonly string[], isStarted = true): readonly object[] {
    return this.running
      .filter((one) => one.isStarted === isStarted && labels.every((label) => hasLabel(one.labels, label)))
      .map(({ id, labels: own }) => ({ Id: id, Labels: own }));
  }

  /** Undefined: it is about something else. */
  reply(method: string, path: string, body: unknown): Reply | undefined {
    if (path === '/containers/create') return this.#create(body as never);
    const [, kind, id = '', verb] = path.split('/');
    if (kind === 'exec')
      return verb === 'start' ? this.#run(id) : [200, { ExitCode: this.#execs.get(id)?.code }];
    const agent = this.running.find((one) => one.id === id);
    if (agent === undefined) return undefined;
    if (method === 'DELETE') {
      this.running = this.running.filter((one) => one !== agent);
      return [204];
    }
    if (verb === 'start') {
      agent.isStarted = true;
      return [204];
    }
    const exec = `exec-${this.#next++}`;
    this.#execs.set(exec, { agent, command: (body as { Cmd: string[] }).Cmd, code: 0 });
    return [201, { Id: exec }];
  }

  #create({
    Image,
    Labels,
    HostConfig,
  }: {
    Image: string;
    Labels: never;
    HostConfig: { NetworkMode: string };
  }): Reply {
    if (Image !== this.image) return [404, { message: `No such image: ${Image}` }];
    const id = `agent-${this.#next++}`;
    const network = HostConfig.NetworkMode;
    this.running.push({ id, labels: Labels, network, isStarted: false, tables: [] });
    return [201, { Id: id }];
  }

  #run(id: string): Reply {
    const exec = this.#execs.get(id);
    if (exec === undefined) return [404];
    if (this.failNext !== null) {
      const said = frame(2, this.failNext);
      this.failNext = null;
      exec.code = 1;
      return [200, said];
    }
    return [200, frame(1, JSON.stringify(answerOf(exec.agent, exec.command)))];
  }
}

/** `name`, or `name=value`. */
export function hasLabel(labels: Readonly<Record<string, string>>, label: string): boolean {
  const [name = '', value] = label.split('=');
  return value === undefined ? Object.hasOwn(labels, name) : labels[name] === value;
}

function answerOf(agent: FakeAgent, [, verb, word = '']: readonly string[]): unknown {
  const without = (id: string) => agent.tables.filter((one) => one.id !== id);
  if (verb === 'state') return { tables: agent.tables.map(tableOf), others: [] };
  if (verb === 'undo') agent.tables = without(word);
  if (verb === 'undo') return {};
  const asked = JSON.parse(word) as AgentRequest;
  const inPlace = agent.tables.some((one) => one.id === asked.id);
  if (verb === 'apply' || inPlace) agent.tables = [...without(asked.id), asked];
  return verb === 'renew' ? { inPlace } : { destroyed: 0 };
}

const tableOf = ({ id, ttlMs, links }: AgentRequest) => ({
  id,
  leftMs: ttlMs,
  links: links.map(({ name }) => ({ name, counters: {}, established: 0, dialling: 0 })),
});

function frame(stream: number, text: string): Buffer {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}
