/**
 * What the Active Immune Core has to do with Kafka, Redis and PostgreSQL: the event bridge to WebSockets, and the
 * health checks. Its defects are copied on purpose (docs/systems/active-immune-core.md); "defect" marks each.
 */
import { Redis } from 'ioredis';
import kafkajs from 'kafkajs';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import pg from 'pg';

const { Kafka, logLevel } = kafkajs;
const SECONDS_5 = 5000;

// kafkajs 2.2.4 wakes up each millisecond for each connection, to look for throttled requests. Ten idle replicas
// would take a third of a core.
const check = RequestQueue.prototype.scheduleCheckPendingRequests;
RequestQueue.prototype.scheduleCheckPendingRequests = function whilePending() {
  if (this.pending.length > 0) check.call(this);
};

export const report = (what, error) =>
  process.stderr.write(`${new Date().toISOString()} ${what}: ${error?.message ?? error}\n`);

/** @param address `host:port`, or several with commas. @param options of kafkajs. */
export const kafkaAt = (address, options) =>
  new Kafka({ brokers: address.split(','), logLevel: logLevel.NOTHING, ...options });

export const redisAt = (address, options) => {
  const { hostname, port } = new URL(`redis://${address}`);
  const client = new Redis({
    ...{ host: hostname, port: Number(port), lazyConnect: true, enableOfflineQueue: false },
    ...{ enableReadyCheck: false, maxRetriesPerRequest: 0, disableClientInfo: true },
    ...options,
  });
  client.on('error', () => undefined);
  return client;
};

// ---------------------------------------------------------------- event bridge

/** The bridge reads topics in mixed case; the agents write in lower case, so theirs never arrive (defect). */
const CYTOKINES = ['IL1', 'IL6', 'IL8', 'IL10', 'IL12', 'TNF', 'IFNgamma', 'TGFbeta'];
const HORMONES = ['cortisol', 'adrenalina', 'melatonina'];
export const EVENT_TYPES = [
  ...['cytokine', 'hormone', 'agent_state', 'threat_detection', 'clone_creation'],
  ...['homeostatic_state', 'system_health'],
];

/** @param broadcast takes each event: `{ event, data }`. @returns what ends it. */
export function startBridge({ kafka, redis }, broadcast) {
  const consumer = kafkaAt(kafka, { clientId: 'event-bridge' }).consumer({
    groupId: 'event_bridge_consumer', // one group for all replicas: each event reaches one of them (defect)
    sessionTimeout: 10_000,
    heartbeatInterval: 3000,
    maxWaitTimeInMs: 500,
    retry: { retries: 5, maxRetryTime: 1000, restartOnFailure: async () => true },
  });
  // A connection of Redis that breaks ends the stream for good, also when Redis is back at once (defect; redis-py
  // 6.4.0 as from_url makes it). One that only hangs survives.
  const subscriber = redisAt(redis, { retryStrategy: () => null, connectTimeout: 120_000 });
  const text = (message) => JSON.parse(message);
  const now = () => new Date().toISOString();

  async function cytokines() {
    // Without Kafka at this moment the stream stays dead, until a restart (defect). Later outages do no harm.
    const once = kafkaAt(kafka, { connectionTimeout: 40_000, retry: { retries: 0 } }).admin();
    await once.connect();
    await once.disconnect();
    await consumer.connect();
    await consumer.subscribe({ topics: CYTOKINES.map((type) => `immunis.cytokines.${type}`) });
    const eachMessage = async ({ topic, message: record }) => {
      try {
        const message = text(record.value);
        const { source_agent = 'unknown', target_area = null, concentration = 1 } = message;
        const data = { cytokine_type: topic.split('.').at(-1), source_agent, target_area, concentration };
        broadcast({ event: 'cytokine', data: { ...data, message, timestamp: now() } });
      } catch (error) {
        report('Error processing Kafka event', error);
      }
    };
    await consumer.run({ eachMessage });
  }

  async function hormones() {
    subscriber.on('message', (channel, published) => {
      try {
        const message = text(published);
        // A sender writes `nivel` and `emissor`, which nobody reads here (defect).
        const { level = 1, source = 'unknown' } = message;
        const data = { hormone_type: channel.split(':').at(-1), level, source };
        broadcast({ event: 'hormone', data: { ...data, message, timestamp: now() } });
      } catch (error) {
        report('Error processing Redis event', error);
      }
    });
    subscriber.on('end', () => report('Redis unavailable for event streaming', 'degraded mode'));
    await subscriber.connect();
    await subscriber.subscribe(...HORMONES.map((one) => `hormonio:${one}`));
  }

  cytokines().catch((error) => report('Kafka unavailable for event streaming (degraded mode)', error));
  hormones().catch((error) => report('Redis unavailable for event streaming (degraded mode)', error));
  return async () => {
    subscriber.disconnect();
    await consumer.disconnect();
  };
}

// ---------------------------------------------------------------- health

/** Each opens a client of its own and takes up to 5 s where nothing answers. */
const CHECKS = ({ kafka, redis, postgres }) => ({
  api: async () => ({ status: 'healthy', details: { status: 'operational' } }),

  async kafka() {
    const admin = kafkaAt(kafka, {
      ...{ connectionTimeout: SECONDS_5, requestTimeout: SECONDS_5, retry: { retries: 0 } },
    }).admin();
    try {
      await admin.connect();
      await admin.describeCluster();
    } catch (error) {
      return bad('Cannot connect to Kafka', error, { bootstrap_servers: kafka });
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
    // It iterates over a method, so Kafka is unhealthy exactly when it answers (defect).
    return bad('Kafka health check failed', "'method' object is not iterable");
  },

  async redis() {
    const client = redisAt(redis, {
      ...{ connectTimeout: SECONDS_5, commandTimeout: SECONDS_5, retryStrategy: () => null },
    });
    let refusal;
    client.on('error', (error) => {
      refusal = error;
    });
    try {
      await client.connect();
      await client.ping();
      const value = `test_${Math.floor(Date.now() / 1000)}`;
      await client.set('_health_check_', value, 'EX', 10);
      await client.get('_health_check_');
      await client.del('_health_check_');
      const info = Object.fromEntries(
        (await client.info('server')).split('\r\n').map((one) => one.split(':')),
      );
      const { redis_version, uptime_in_seconds } = info;
      return good('Redis healthy', { redis_version, uptime_seconds: Number(uptime_in_seconds) });
    } catch (error) {
      const isTimeout = /timed out|ETIMEDOUT/.test(`${(refusal ?? error).message} ${refusal?.code}`);
      if (isTimeout) return bad('Redis health check failed', 'Timeout connecting to server');
      return bad('Cannot connect to Redis', refusal ?? error, { redis_url: `redis://${redis}` });
    } finally {
      client.disconnect();
    }
  },

  async postgres() {
    const { hostname, port } = new URL(`tcp://${postgres.address}`);
    const client = new pg.Client({
      ...{ host: hostname, port: Number(port), database: postgres.database },
      ...{ user: postgres.user, password: postgres.password },
      ...{ connectionTimeoutMillis: SECONDS_5, query_timeout: SECONDS_5 },
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query(`select split_part(version(), ' ', 2) as version,
        round(pg_database_size(current_database()) / 1048576.0, 2)::float8 as db_size_mb,
        (select count(*) from pg_stat_activity)::int as active_connections,
        (select count(*) from pg_stat_activity where state = 'active')::int as active_queries`);
      return good('PostgreSQL healthy', rows[0]);
    } catch (error) {
      return bad('PostgreSQL health check failed', error);
    } finally {
      await client.end().catch(() => undefined);
    }
  },
});

const good = (message, details) => ({ status: 'healthy', details: { message, ...details } });
const bad = (message, error, details = {}) => ({
  status: 'unhealthy',
  details: { message, error: error?.message ?? error, ...details },
});

/** The four components; each keeps what its last check found. */
export function healthChecks(addresses) {
  const components = Object.entries(CHECKS(addresses)).map(([name, check]) => ({
    ...{ name, check, status: 'unknown', details: {}, last_check: null, last_healthy: null },
    ...{ consecutive_failures: 0, checks: 0, failures: 0 },
  }));
  const asked = async (one) => {
    const from = Date.now();
    one.last_check = new Date(from).toISOString();
    const { status, details } = await one.check();
    const latency_ms = Date.now() - from;
    const slow = status === 'healthy' && latency_ms > 1000;
    one.status = slow ? 'degraded' : status;
    one.details = one.name === 'api' ? details : { ...details, latency_ms };
    one.checks += 1;
    one.failures += one.status === 'healthy' ? 0 : 1;
    one.consecutive_failures = one.status === 'healthy' ? 0 : one.consecutive_failures + 1;
    if (one.status === 'healthy') one.last_healthy = new Date().toISOString();
    return {
      ...{ name: one.name, status: one.status, details: one.details, last_check: one.last_check },
      ...{ last_healthy: one.last_healthy, consecutive_failures: one.consecutive_failures },
      failure_rate: one.failures / one.checks,
      time_since_healthy: one.last_healthy && (Date.now() - Date.parse(one.last_healthy)) / 1000,
    };
  };
  return {
    one: async (name) => {
      const found = components.find((one) => one.name === name);
      return found && asked(found);
    },
    all: () => Promise.all(components.map(asked)),
    last: () => components,
  };
}
