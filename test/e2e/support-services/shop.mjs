/** A shop for tests, as a user would have one: `web` over HTTP counts visits in a Redis at CACHE_PORT. Prints its port. */
import { createServer } from 'node:http';
import { connect } from 'node:net';

const count = () =>
  new Promise((resolve, reject) => {
    const cache = connect(Number(process.env.CACHE_PORT), '127.0.0.1');
    cache.on('error', reject);
    cache.on('data', (answer) => {
      cache.destroy();
      resolve(Number(answer.toString().slice(1)));
    });
    cache.write('INCR visits\r\n');
  });

const server = createServer(async ({ url }, answer) => {
  if (url === '/health') return answer.end('ok');
  if (url !== '/items') return answer.writeHead(404).end();
  try {
    answer.setHeader('content-type', 'application/json').end(JSON.stringify({ visits: await count() }));
  } catch {
    answer.writeHead(503).end();
  }
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => console.log(`port ${server.address().port}`));
