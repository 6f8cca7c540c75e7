/** The class inside kafkajs that idle-requests.ts changes; it has no types of its own. */
declare module 'kafkajs/src/network/requestQueue/index.js' {
  const RequestQueue: { readonly prototype: object };
  // biome-ignore lint/style/noDefaultExport: a CommonJS class, as it is there
  export default RequestQueue;
}
