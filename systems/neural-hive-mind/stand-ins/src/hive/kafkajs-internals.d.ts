/** The class inside kafkajs that idle-requests.ts patches; kafkajs exports no types for it. */
declare module 'kafkajs/src/network/requestQueue/index.js' {
  const RequestQueue: { readonly prototype: object };
  // biome-ignore lint/style/noDefaultExport: a CommonJS class
  export default RequestQueue;
}
