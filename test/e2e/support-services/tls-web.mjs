/**
 * A service behind TLS, as a user would have one: over HTTPS it counts visits in a Redis and writes an order to Kafka, both
 * behind TLS with a login. Its settings are the JSON of TLS_WEB.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { connect } from 'node:tls';
import kafkajs from 'kafkajs';

const { port, cachePort, brokers, ca, cert, key, user, password, topic } = JSON.parse(process.env.TLS_WEB);
const pems = { ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key) };

let line;
const waiting = [];
function cache() {
  if (line?.destroyed === false) return line;
  line = connect({ port: cachePort, host: '127.0.0.1', ...pems });
  line.write(`AUTH ${user} ${password}\r\n`);
  let isIn = false;
  line.on('data', (answer) => {
    for (const text of answer.toString().split('\r\n').filter(Boolean)) {
      if (isIn) waiting.shift()?.resolve(text);
      isIn = true;
    }
  });
  const lost = () => {
    line.destroy();
    for (const one of waiting.splice(0)) one.reject(new Error('the cache is gone'));
  };
  line.on('error', lost).on('close', lost);
  return line;
}
const count = () =>
  new Promise((resolve, reject) => {
    const asked = cache();
    asked.write('INCR visits\r\n');
    const late = setTimeout(() => asked.destroy(), 400);
    const done = (then) => (value) => {
      clearTimeout(late);
      then(value);
    };
    waiting.push({ resolve: done(resolve), reject: done(reject) });
  });

const kafka = new kafkajs.Kafka({
  clientId: 'web',
  brokers,
  ssl: pems,
  sasl: { mechanism: 'scram-sha-512', username: user, password },
  logLevel: kafkajs.logLevel.NOTHING,
  requestTimeout: 1000,
  connectionTimeout: 500,
  retry: { retries: 3, initialRetryTime: 50, maxRetryTime: 200 },
});
const producer = kafka.producer({ allowAutoTopicCreation: false });

const server = createServer({ ...pems, requestCert: true }, async ({ url }, answer) => {
  if (url === '/health') return answer.end('ok');
  try {
    const visits = await count();
    await producer.send({ topic, acks: -1, messages: [{ value: visits }] });
    answer.end(visits);
  } catch (error) {
    answer.writeHead(503).end(String(error));
  }
});
await producer.connect();
server.listen(port, '127.0.0.1', () => console.log('ready'));
