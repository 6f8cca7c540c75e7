/** Which processes of this machine are the brokers of a Kafka: those that listen where a broker answers. */
import type { ProcessService } from '../../core/acts/processes-handle.ts';
import { addressOf } from '../../core/address.ts';
import type { Problem } from '../../core/errors.ts';
import type { KafkaEndpoint } from '../../core/topology.ts';
import { findProcesses } from '../../system/processes/process-finder.ts';
import { askBrokers, type BrokerAnswer } from '../brokers/broker-answers.ts';
import { type BrokerServices, brokerKey, ofBroker, restartOfBroker } from '../brokers/kafka-brokers.ts';
import { hostOf } from '../brokers/local-host.ts';
import { idsIn, type Place, provenBrokers } from '../brokers/proven-brokers.ts';

const WORDS = {
  one: 'a process of this machine',
  noneFits:
    'A broker is found by the port of its address in the target file, which must be its own and of this machine.',
};

/** The port of an address of this machine. */
interface Port extends Place {
  readonly port: number;
}

/**
 * @param written how its processes are found, whichever broker they are.
 * @returns null: one broker, whose process somebody has written down.
 */
export async function brokerProcesses(
  kafka: string,
  brokers: readonly KafkaEndpoint[],
  written: ProcessService,
  isWritten: boolean,
): Promise<BrokerServices<ProcessService> | null> {
  const answers = await askBrokers(brokers);
  if (isWritten && idsIn(answers).length < 2 && brokers.length === 1) return null;
  const { found, problems } = provenBrokers(kafka, answers, await portsIn(answers), WORDS);
  const isOnly = idsIn(answers).length === 1 && brokers.length === 1;
  const seats = [...found].map(([id, { port }]) => seatOf(kafka, id, { ...written, port }, isOnly));
  return {
    services: Object.fromEntries(seats.flatMap((one) => ('problem' in one ? [] : [[one.name, one.service]]))),
    problems: [...problems, ...seats.flatMap((one) => ('problem' in one ? [one.problem] : []))],
  };
}

/** @param isOnly it needs no name of its own. */
function seatOf(
  kafka: string,
  id: number,
  written: ProcessService,
  isOnly: boolean,
): { readonly name: string; readonly service: ProcessService } | { readonly problem: Problem } {
  const { command, pidFile, port, restart } = written;
  const service: ProcessService = {
    ...(command !== undefined && { command: ofBroker(command, id) }),
    ...(port !== undefined && { port }),
    ...(pidFile !== undefined && { pidFile: ofBroker(pidFile, id) }),
    restart: restartOfBroker(restart, id),
  };
  const name = brokerKey(kafka, id);
  const running = findProcesses(service);
  if (running.length === 1) return { name: isOnly ? kafka : name, service };
  const how = [
    ...(service.command === undefined ? [] : [` with command ${service.command}`]),
    ...(service.pidFile === undefined ? [] : [` of pid file ${service.pidFile}`]),
  ].join('');
  const expected = `one process${how} that listens on port ${port}`;
  const got = running.length === 0 ? 'none' : running.map((one) => `pid ${one.pid}`).join(', ');
  const next = `Say how it is found: services.${kafka}.find.processes, with command or pidFile; {broker} is its id.`;
  return { problem: { subject: name, expected, got, next } };
}

async function portsIn(answers: readonly BrokerAnswer[]): Promise<readonly Port[]> {
  const addresses = answers.map((one) => addressOf(one.address));
  const hosts = [...new Set([...addresses, ...answers.flatMap((one) => one.brokers)].map((one) => one.host))];
  const found = await Promise.all(hosts.map(async (name) => ({ name, isHere: (await hostOf(name)).isHere })));
  const here = new Set(found.filter((one) => one.isHere).map((one) => one.name));
  const ports = [...new Set(addresses.filter((one) => here.has(one.host)).map((one) => one.port))];
  return ports.map((own) => ({
    name: `port ${own}`,
    port: own,
    serves: (host, port) => port === own && here.has(host),
  }));
}
