/**
 * The order of resource versions. They are etcd revisions: whole decimal numbers that only grow, and since Kubernetes 1.35
 * (KEP-5504) clients may compare them. Where a server sends something else, nothing is called older or newer.
 */
export function isAtLeast(seen: string, wanted: string): boolean {
  if (!/^\d+$/.test(seen) || !/^\d+$/.test(wanted)) return seen === wanted;
  return BigInt(seen) >= BigInt(wanted);
}
