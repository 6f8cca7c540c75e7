/**
 * A stand-in of the Active Immune Core for the sandbox: `node stand-in.mjs`, with HOST, PORT, KAFKA_ADDRESS,
 * REDIS_ADDRESS and POSTGRES_ADDRESS in its environment. Its contract, with what is left out:
 * docs/systems/active-immune-core.md.
 */
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { Agents, counted } from './agents.mjs';
import { EVENT_TYPES, healthChecks, report, startBridge } from './dependencies.mjs';

const { HOST, PORT, KAFKA_ADDRESS, REDIS_ADDRESS, POSTGRES_ADDRESS } = process.env;
const missing = Object.entries({ HOST, PORT, KAFKA_ADDRESS, REDIS_ADDRESS, POSTGRES_ADDRESS })
  .filter(([, value]) => !value)
  .map(([name]) => name);
if (missing.length > 0) {
  process.stderr.write(`Not in the environment: ${missing.join(', ')}. Set each; an address is host:port.\n`);
  process.exit(64);
}
const { POSTGRES_USER = 'immunis', POSTGRES_PASSWORD = '', POSTGRES_DB = 'immunis_memory' } = process.env;
const addresses = {
  ...{ kafka: KAFKA_ADDRESS, redis: REDIS_ADDRESS },
  postgres: {
    address: POSTGRES_ADDRESS,
    user: POSTGRES_USER,
    password: POSTGRES_PASSWORD,
    database: POSTGRES_DB,
  },
};

const health = healthChecks(addresses);
const agents = new Agents(addresses);
/** All state is in this process: another replica knows nothing of it (defect). */
const tasks = new Map();
let tasksMade = 0;
const requests = new Map();

// ---------------------------------------------------------------- WebSockets

const sockets = new WebSocketServer({ noServer: true });
/** Each socket of /ws/events, with the types of events that it wants. */
const listeners = new Map();

function listen(socket, wanted) {
  listeners.set(socket, wanted.length > 0 ? wanted : EVENT_TYPES);
  const say = (event, data) => socket.send(JSON.stringify({ event, data }));
  socket.on('close', () => listeners.delete(socket));
  socket.on('error', () => undefined);
  socket.on('message', (text) => {
    const [, list] = /^subscribe:(.*)$/.exec(String(text)) ?? [];
    if (list === undefined) return;
    listeners.set(socket, words(list));
    say('subscription_updated', {
      subscriptions: words(list),
      message: 'Subscriptions updated successfully',
    });
  });
  const message = 'Connected to Active Immune Core Event Stream';
  say('connected', { message, subscriptions: listeners.get(socket), timestamp: new Date().toISOString() });
}

const words = (list) =>
  (list ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);

const stopBridge = startBridge(addresses, (event) => {
  const text = JSON.stringify(event);
  for (const [socket, wanted] of listeners) if (wanted.includes(event.event)) socket.send(text);
});

// ---------------------------------------------------------------- routes

const notFound = (what) => [404, { detail: what }];
const invalid = (field, msg) => [
  422,
  { error: 'Validation error', details: [{ loc: ['body', field], msg }] },
];

function createTask(body) {
  const { task_type, priority = 5, target = null, timeout } = body;
  if (typeof task_type !== 'string') return invalid('task_type', 'Input should be a valid string');
  if (!Number.isInteger(priority) || priority < 1 || priority > 10)
    return invalid('priority', 'Input should be an integer from 1 to 10');
  if (timeout !== undefined && !(timeout > 0)) return invalid('timeout', 'Input should be greater than 0');
  tasksMade += 1;
  const task_id = `task_${task_type}_${String(tasksMade).padStart(3, '0')}`;
  const task = {
    ...{
      task_id,
      task_type,
      status: 'pending',
      priority,
      assigned_agent: null,
      target,
      result: null,
      error: null,
    },
    ...{ created_at: new Date().toISOString(), assigned_at: null, started_at: null, completed_at: null },
    ...{ duration: null, retries: 0 },
  };
  tasks.set(task_id, task); // and nobody ever executes it (defect)
  return [201, task];
}

function listTasks({ task_type, status, skip = 0, limit = 100 }) {
  const found = [...tasks.values()].filter(
    (one) => (!task_type || one.task_type === task_type) && (!status || one.status === status),
  );
  const count = (key) => counted(found, (one) => one[key]);
  const page = found.slice(Number(skip), Number(skip) + Number(limit));
  return [200, { total: found.length, tasks: page, by_status: count('status'), by_type: count('task_type') }];
}

async function wholeHealth() {
  const all = await health.all();
  const count = (status) => all.filter((one) => one.status === status).length;
  const [unhealthy, degraded, unknown] = [count('unhealthy'), count('degraded'), count('unknown')];
  return {
    status: unhealthy > 0 ? 'unhealthy' : degraded > 0 ? 'degraded' : 'healthy',
    timestamp: new Date().toISOString(),
    summary: { total_components: all.length, healthy: count('healthy'), degraded, unhealthy, unknown },
    components: Object.fromEntries(all.map((one) => [one.name, one])),
  };
}

async function readiness() {
  await health.all();
  const critical_components = ['agents', 'coordination', 'infrastructure']; // registered nowhere (defect)
  const reasons = critical_components.map((one) => `Critical component '${one}' not registered`);
  return [503, { ready: false, timestamp: new Date().toISOString(), critical_components, reasons }];
}

const metrics = () =>
  [...requests].map(([labels, count]) => `immune_core_api_api_requests_total{${labels}} ${count}\n`).join('');

const oneTask = (id, answer) => (tasks.has(id) ? answer() : notFound(`Task '${id}' not found`));
const oneAgent = (id, answer) => (agents.get(id) ? answer() : notFound(`Agent '${id}' not found`));

const ROUTES = {
  'GET /': () => [
    200,
    {
      ...{ name: 'Active Immune Core API', version: '1.0.0', status: 'operational' },
      ...{ docs: '/docs', health: '/health', metrics: '/metrics' },
    },
  ],
  'GET /health/': async () => [200, await wholeHealth()],
  // Kafka is always unhealthy, so the process is always dead (defect).
  'GET /health/live': async () =>
    (await wholeHealth()).status === 'unhealthy'
      ? [503, { status: 'dead', message: 'System is unhealthy' }]
      : [200, { status: 'alive' }],
  'GET /health/ready': readiness,
  'GET /health/components': () => {
    const all = health.last();
    const of = (key) => Object.fromEntries(all.map((one) => [one.name, one[key]]));
    return [
      200,
      { total_components: all.length, components_status: of('status'), last_checks: of('last_check') },
    ];
  },
  'GET /health/components/:id': async ({ id }) => {
    const found = await health.one(id);
    return found ? [200, found] : [404, { error: `Component '${id}' not found` }];
  },
  'GET /metrics/': () => [200, metrics()],
  'GET /ws/stats': () => [200, { active_connections: listeners.size }],
  'POST /coordination/tasks': ({ body }) => createTask(body),
  'GET /coordination/tasks': ({ query }) => listTasks(query),
  'GET /coordination/tasks/:id': ({ id }) => oneTask(id, () => [200, tasks.get(id)]),
  'DELETE /coordination/tasks/:id': ({ id }) => oneTask(id, () => [tasks.delete(id) ? 204 : 404]),
  'POST /agents/': ({ body }) =>
    typeof body.agent_type === 'string'
      ? agents.create(body).then(
          (one) => [201, one],
          (error) => [500, { detail: error.message }],
        )
      : invalid('agent_type', 'Input should be a valid string'),
  'GET /agents/': ({ query }) => [200, agents.list(query)],
  'GET /agents/:id': ({ id }) => oneAgent(id, () => [200, agents.get(id)]),
  // It changes nothing (defect).
  'PATCH /agents/:id': ({ id }) => oneAgent(id, () => [200, agents.get(id)]),
  'GET /agents/:id/stats': ({ id }) => oneAgent(id, () => [200, agents.stats(id)]),
  'DELETE /agents/:id': ({ id }) => oneAgent(id, () => agents.delete(id).then(() => [204])),
  'GET /lymphnode/metrics': () => [500, { detail: 'Metrics retrieval failed' }],
  'GET /lymphnode/homeostatic-state': () => [500, { detail: 'State retrieval failed' }],
};
const routes = Object.entries(ROUTES).map(([route, handle]) => {
  const [method, path] = route.split(' ');
  return { method, path, handle, pattern: new RegExp(`^${path.replace(':id', '(?<id>[^/]+)')}$`) };
});

async function answer(request, body) {
  const { pathname, searchParams } = new URL(request.url, 'http://stand-in');
  // Collections are declared with a slash: without it there is one request more (defect).
  if (routes.some(({ path }) => path === `${pathname}/`)) return [307, '', { location: `${pathname}/` }];
  const matching = routes.filter(({ pattern }) => pattern.test(pathname));
  const route = matching.find(({ method }) => method === request.method);
  if (!route) return matching.length > 0 ? [405, { detail: 'Method Not Allowed' }] : notFound('Not Found');
  const { id } = route.pattern.exec(pathname).groups ?? {};
  const query = Object.fromEntries(searchParams);
  return route.handle({ id, query, ...(body !== undefined && { body }) });
}

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  if (parts.length === 0) return {};
  const body = JSON.parse(Buffer.concat(parts).toString());
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new Error('not an object');
  return body;
}

let stopping = false;
const server = createServer({ keepAliveTimeout: 5000 }, async (request, response) => {
  let reply;
  try {
    reply = await bodyOf(request).then(
      (body) => answer(request, body),
      () => invalid('', 'JSON decode error'),
    );
  } catch (error) {
    report(`${request.method} ${request.url}`, error);
    reply = [500, { error: 'Internal server error', message: String(error) }];
  }
  const [status, content = '', headers = {}] = reply;
  // The raw path is a label: each id adds a series (defect).
  const labels = `endpoint="${request.url.split('?')[0]}",method="${request.method}",status="${status}"`;
  requests.set(labels, (requests.get(labels) ?? 0) + 1);
  const isText = typeof content === 'string';
  const type = isText ? 'text/plain; version=0.0.4; charset=utf-8' : 'application/json';
  const text = isText ? content : JSON.stringify(content);
  response.writeHead(status, { 'content-type': type, ...(stopping && { connection: 'close' }), ...headers });
  response.end(status === 204 ? undefined : text);
});
server.on('upgrade', (request, socket, head) => {
  const { pathname, searchParams } = new URL(request.url, 'http://stand-in');
  if (pathname !== '/ws/events') return socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
  sockets.handleUpgrade(request, socket, head, (one) =>
    listen(one, words(searchParams.get('subscriptions'))),
  );
});
server.listen(Number(PORT), HOST, () => report('listening', `${HOST}:${PORT}`));

const checking = setInterval(() => void health.all(), 30_000);
void health.all();

/** Requests in flight finish; then the core waits for Kafka, however long (defect). */
process.once('SIGTERM', async () => {
  stopping = true;
  clearInterval(checking);
  for (const socket of listeners.keys()) socket.close(1012);
  await new Promise((resolve) => server.close(resolve));
  await Promise.all([stopBridge(), agents.stop()]).catch((error) => report('shutdown', error));
  process.exit(0);
});
