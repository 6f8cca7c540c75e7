/** The agents of one process: in memory, with a heartbeat in Redis and a last word on Kafka. */
import { randomUUID } from 'node:crypto';
import { kafkaAt, redisAt, report } from './dependencies.mjs';

const TYPES = {
  ...{ neutrophil: 'neutrofilo', neutrofilo: 'neutrofilo', macrophage: 'macrofago', macrofago: 'macrofago' },
  nk_cell: 'nk_cell',
};
const HEARTBEAT_MS = 30_000;
const ENERGY_MS = 60_000;
/** Everything else of `config` goes to a constructor that does not know it (defect: 500). */
const CONFIG = ['area_patrulha', 'agent_id', 'lifespan_hours', 'swarm_threshold', 'anomaly_threshold'];

export class Agents {
  #agents = new Map();
  #kafka;
  #producer;
  #redis;

  constructor({ kafka, redis }) {
    this.#kafka = kafkaAt(kafka, { clientId: 'agents', retry: { retries: 0 }, requestTimeout: 30_000 });
    this.#redis = redisAt(redis, { lazyConnect: false, retryStrategy: () => 500 });
  }

  /** @throws with the words of the API, which answers 500. */
  async create({ agent_type, config }) {
    const type = TYPES[agent_type];
    const { area_patrulha = 'default_area', agent_id = randomUUID(), ...others } = config ?? {};
    if (type === undefined)
      throw new Error(
        `Agent creation failed: Invalid agent type: ${agent_type}. Valid types: ${Object.keys(TYPES)}`,
      );
    const unknown = Object.keys(others).find((key) => !CONFIG.includes(key));
    if (unknown !== undefined)
      throw new Error(`Agent creation failed: unexpected keyword argument '${unknown}'`);
    const now = new Date().toISOString();
    const agent = {
      ...{ id: agent_id, type, area: area_patrulha, status: 'patrulhando', energia: 99.5, born: Date.now() },
      ...{ created_at: now, updated_at: now, timers: [], producer: await this.#connect() },
    };
    this.#agents.set(agent.id, agent);
    const beat = () => this.#heartbeat(agent);
    beat();
    const decay = () => {
      agent.energia = Math.max(0, agent.energia - 0.5);
    };
    agent.timers.push(setInterval(beat, HEARTBEAT_MS), setInterval(decay, ENERGY_MS));
    return answerOf(agent);
  }

  /** Nothing, for the life of the agent, when Kafka does not answer now (defect). */
  async #connect() {
    try {
      this.#producer ??= this.#kafka.producer({ retry: { retries: 0 } });
      await this.#producer.connect();
      return this.#producer;
    } catch (error) {
      this.#producer = undefined;
      report('Failed to start Kafka producer (degraded mode)', error);
      return undefined;
    }
  }

  #heartbeat(agent) {
    agent.updated_at = new Date().toISOString();
    this.#redis
      .setex(`agent:${agent.id}:state`, 60, JSON.stringify(answerOf(agent)))
      .catch((error) => report(`Failed to set agent state for ${agent.id}`, error));
  }

  get(id) {
    const agent = this.#agents.get(id);
    return agent && answerOf(agent);
  }

  stats(id) {
    const agent = this.#agents.get(id);
    if (!agent) return undefined;
    return {
      agent_id: id,
      agent_type: agent.type.toUpperCase(), // lower case everywhere else (defect)
      ...{ total_tasks: 0, tasks_completed: 0, tasks_failed: 0, success_rate: 0, average_task_duration: 0 },
      ...{ detections_total: 0, neutralizations_total: 0, false_positives: 0 },
      uptime_seconds: (Date.now() - agent.born) / 1000,
    };
  }

  list({ agent_type, status, skip = 0, limit = 100 }) {
    const found = [...this.#agents.values()].filter(
      (one) => (!agent_type || one.type === agent_type.toLowerCase()) && (!status || one.status === status),
    );
    return {
      total: found.length,
      agents: found.slice(Number(skip), Number(skip) + Number(limit)).map(answerOf),
      by_type: counted(found, (one) => one.type.toUpperCase()),
      by_status: counted(found, (one) => one.status),
    };
  }

  /** Its last word goes to Kafka first: without Kafka there is no answer, and it stays listed (defect). */
  async delete(id) {
    const agent = this.#agents.get(id);
    if (!agent) return false;
    agent.status = 'apoptose';
    if (agent.producer) {
      const word = { tipo: 'IL10', emissor_id: id, timestamp: new Date().toISOString(), prioridade: 3 };
      const value = JSON.stringify({ ...word, payload: { evento: 'apoptose', agente_id: id } });
      await agent.producer.send({ topic: 'immunis.cytokines.il10', messages: [{ value }] }).catch((error) => {
        report('Failed to send apoptosis cytokine', error);
        return new Promise(() => undefined);
      });
    }
    agent.timers.forEach(clearInterval);
    this.#agents.delete(id);
    return true;
  }

  async stop() {
    this.#redis.disconnect();
    await this.#producer?.disconnect();
  }
}

/** How many there are of each key. */
export function counted(all, keyOf) {
  const counts = {};
  for (const one of all) counts[keyOf(one)] = (counts[keyOf(one)] ?? 0) + 1;
  return counts;
}

const answerOf = ({ id, type, status, energia, area, created_at, updated_at }) => ({
  ...{ agent_id: id, agent_type: type, status, health: energia / 100, load: 37 / 40, energia },
  ...{ deteccoes_total: 0, neutralizacoes_total: 0, falsos_positivos: 0, created_at, updated_at },
  config: { area_patrulha: area, localizacao_atual: area, temperatura_local: 37 },
});
