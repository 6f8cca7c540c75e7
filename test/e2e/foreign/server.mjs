/**
 * The other side of the foreign scripts: an HTTP and a gRPC server with known delays that keep their own log, in a
 * process of their own. `GET /log` gives what was answered since the last time.
 */
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';

const log = [];
const now = () => performance.timeOrigin + performance.now();
/** `stall=EVERY,FOR` in ms: what comes within FOR after each multiple of EVERY is held until that is over. */
const stallLeft = (text, from) => {
  const [every, length] = (text ?? '0,0').split(',').map(Number);
  const at = every > 0 ? from % every : 0;
  return every > 0 && at < length ? length - at : 0;
};

const server = createServer((request, response) => {
  const from = now();
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (url.pathname === '/log') {
    response.end(JSON.stringify(log.splice(0)));
    return;
  }
  const query = url.searchParams;
  const cookie = request.headers.cookie ?? '';
  const wanted = Number(query.get('status') ?? 200);
  const status = url.pathname === '/me' && !/session=\w+/.test(cookie) ? 401 : wanted;
  const delay = Number(query.get('ms') ?? 0) + stallLeft(query.get('stall') ?? undefined, from);
  setTimeout(() => {
    response.statusCode = status;
    if (url.pathname === '/login') response.setHeader('set-cookie', 'session=abc123; Path=/');
    // Before the bytes leave: a client never has them earlier.
    log.push({ id: query.get('id') ?? '', path: url.pathname, cookie, status, from, to: now() });
    response.end(JSON.stringify({ users: ['ana', 'bo', 'cy'], path: url.pathname }));
  }, delay);
});

const proto = grpc.loadPackageDefinition(
  protoLoader.loadSync(fileURLToPath(new URL('./scripts/greeter.proto', import.meta.url))),
);
const calls = new grpc.Server();
calls.addService(proto.gauntlet.test.Greeter.service, {
  greet(call, reply) {
    const from = now();
    const { id, delayMs, code } = call.request;
    setTimeout(() => {
      log.push({ id, path: 'Greet', cookie: '', status: code, from, to: now() });
      if (code > 0) reply({ code, details: 'as asked' });
      else reply(null, { text: `hello ${id}` });
    }, delayMs);
  },
});

server.listen(0, '127.0.0.1', () => {
  calls.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, grpcPort) => {
    if (error) throw error;
    console.log(JSON.stringify({ http: server.address().port, grpc: grpcPort }));
  });
});
process.on('disconnect', () => process.exit(0));
