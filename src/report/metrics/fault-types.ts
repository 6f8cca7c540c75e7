/** Our faults by the names that dashboards of chaos engineering commonly have; another one keeps its own. */
const TYPES: Readonly<Record<string, string>> = {
  'kill-pod': 'pod_kill',
  'restart-storm': 'pod_kill',
  'kill-broker': 'pod_kill',
  'pause-pod': 'container_pause',
  'cpu-stress': 'cpu_stress',
  'memory-stress': 'memory_stress',
  'http-fault': 'http_error',
  'grpc-fault': 'grpc_error',
  'cut-link': 'network_partition',
  'half-open-link': 'network_partition',
  'partition-kafka': 'network_partition',
  'reset-link': 'network_reset',
  'slow-link': 'network_latency',
  'slow-broker': 'network_latency',
  'throttle-redis': 'network_latency',
};

/** @param kind the registry name, such as `kill-pod`. */
export const faultType = (kind: string): string => TYPES[kind] ?? kind.replaceAll('-', '_');
