import { createServer } from 'node:http';
import { connect } from 'node:net';
import pg from 'pg';

const { HOST, PORT, CACHE_ADDRESS = '', BUS_ADDRESS = '', STORE_URL } = process.env;
const store = new pg.Pool({
  connectionString: STORE_URL,
  connectionTimeoutMillis: 500,
  query_timeout: 500,
  max: 2,
});
store.on('error', () => undefined);

if (process.argv[2] === 'migrate') {
  // Without "if not exists": a second run would fail.
  await store.query('create table orders (id serial primary key)');
  await store.end();
  process.exit(0);
}

/** ApiVersions of Kafka: the version of what follows, a number of our own, no client id. */
const WHICH_VERSIONS = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 255, 255]);

/** The first bytes that come back, or an error after half a second. */
const say = (address, words) =>
  new Promise((resolve, reject) => {
    const [host, port] = address.split(':');
    const socket = connect(Number(port), host, () => socket.write(words));
    const finish = (settle, value) => {
      socket.destroy();
      settle(value);
    };
    socket.setTimeout(500, () => finish(reject, new Error(`no answer from ${address}`)));
    socket.once('data', (bytes) => finish(resolve, bytes.toString().trim()));
    socket.once('error', reject);
  });

const order = async () => {
  const pong = await say(CACHE_ADDRESS, 'PING\r\n');
  await say(BUS_ADDRESS, WHICH_VERSIONS);
  await store.query('insert into orders default values');
  const { rows } = await store.query('select count(*)::int as count from orders');
  return { pong, count: rows[0].count };
};

createServer(async (request, response) => {
  try {
    const answer = request.url === '/ready' ? { pong: await say(CACHE_ADDRESS, 'PING\r\n') } : await order();
    response.end(JSON.stringify(answer));
  } catch (error) {
    response.writeHead(503).end(JSON.stringify({ error: String(error) }));
  }
}).listen(Number(PORT), HOST);
