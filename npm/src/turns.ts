/** How long what is at hand may keep a thread from anything else, in milliseconds: half a frame. */
const BUSY_MS = 8;

/**
 * @internal What is at hand comes without a turn of the thread between its parts. This gives it one now and then, so that it
 * draws, hears what it is told and knows what time it is.
 */
export class Turns {
  #last = performance.now();

  /** Waits for a turn if the last was too long ago. */
  async take(): Promise<void> {
    if (performance.now() - this.#last < BUSY_MS) return;
    await turn();
    this.#last = performance.now();
  }
}

/** Not by a timer: browsers make those wait that follow one another. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
