/** One mechanism of SASL, from the client's side: what to send, given what the server has sent. */
export interface SaslExchange {
  first(): Buffer;
  /**
   * @returns undefined: nothing more is sent. Rejects with ServerWord when the server is not who it must be, or
   * says why it refuses.
   */
  next(challenge: Buffer): Promise<Buffer | undefined>;
}
