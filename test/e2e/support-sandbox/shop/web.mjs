import { createServer } from 'node:http';

const { HOST, PORT, ORDERS_ADDRESS, INSTANCE } = process.env;

createServer(async (request, response) => {
  if (request.url === '/up') return response.end(JSON.stringify({ up: true }));
  try {
    const answer = await fetch(`http://${ORDERS_ADDRESS}/order`, { signal: AbortSignal.timeout(1000) });
    response.writeHead(answer.status).end(JSON.stringify({ by: INSTANCE, ...(await answer.json()) }));
  } catch (error) {
    response.writeHead(502).end(JSON.stringify({ by: INSTANCE, error: String(error) }));
  }
}).listen(Number(PORT), HOST);
