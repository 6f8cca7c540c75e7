/**
 * A shop in a separate process: each POST becomes a record in each of three topics of a real Kafka, and is
 * answered when all are committed. The second topic knows the request by a field, and the last one, in Avro, by
 * an id that the second carries. Arguments: brokers with commas. It prints its port.
 */
import { createServer, type ServerResponse } from 'node:http';
import avro from 'avsc';
import kafkajs, { type Message } from 'kafkajs';

/** As a client with linger.ms would. */
const LINGER_MS = 20;
const PARTITIONS = 3;
/** With it a value has some 1.5 kB. */
const FILL = 'x'.repeat(1400);
const SCHEMA_ID = 7;

const type = avro.Type.forSchema({
  ...{ type: 'record', name: 'Sent' },
  fields: [
    { name: 'parcel', type: 'string' },
    { name: 'note', type: 'string' },
  ],
} as avro.Schema);
const head = Buffer.alloc(5);
head.writeUInt32BE(SCHEMA_ID, 1);

const { Kafka, logLevel } = kafkajs;
const brokers = (process.argv[2] ?? '').split(',');
const producer = new Kafka({ clientId: 'shop', brokers, logLevel: logLevel.NOTHING }).producer();
await producer.connect();

let waiting: { readonly id: string; readonly response: ServerResponse }[] = [];
let count = 0;

async function commit(): Promise<void> {
  const batch = waiting;
  waiting = [];
  if (batch.length > 0) {
    const [created, paid, sent]: [Message[], Message[], Message[]] = [[], [], []];
    for (const { id } of batch) {
      count += 1;
      const [partition, parcel] = [count % PARTITIONS, `parcel-${count}`];
      created.push({ partition, headers: { 'order-id': id }, value: JSON.stringify({ note: FILL }) });
      paid.push({ partition, value: JSON.stringify({ order: { id }, parcel, note: FILL }) });
      sent.push({ partition, value: Buffer.concat([head, type.toBuffer({ parcel, note: FILL })]) });
    }
    await producer.sendBatch({
      topicMessages: [
        { topic: 'orders.new', messages: created },
        { topic: 'orders.paid', messages: paid },
        { topic: 'orders.sent', messages: sent },
      ],
    });
    for (const { response } of batch)
      response.end(JSON.stringify({ intent_id: 'bench', status: 'processed', confidence: 0.9 }));
  }
  setTimeout(() => void commit(), LINGER_MS);
}
void commit();

const server = createServer((request, response) => {
  if (request.url === `/schemas/ids/${SCHEMA_ID}`) {
    response.end(JSON.stringify({ schema: JSON.stringify(type.schema()) }));
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { correlation_id: id } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
      readonly correlation_id: string;
    };
    response.writeHead(200, { 'content-type': 'application/json' });
    waiting.push({ id, response });
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
// The bench has exited, so its server exits too.
process.stdin.on('end', () => process.exit(0)).resume();
