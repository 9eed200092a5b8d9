import type { Exports, Handle } from "./btrdb_web.js";
import { wasm } from "./instance.js";

/** @internal Something of the module's, made when it is wanted: once, and again after it was let go of or its instance failed. */
export class Made<T extends Handle> {
  readonly #make: () => T;
  #made: T | undefined;
  #module: Exports | undefined;
  #users = 0;
  #isLeft = false;

  /** `made`, if there is any, is what `make` would make now. */
  constructor(make: () => T, made?: T) {
    this.#make = make;
    this.#made = made;
    this.#module = made && wasm();
  }

  /** It, for use on the spot. */
  get now(): T {
    const module = wasm();
    if (!this.#made || this.#module !== module) {
      this.#made = this.#make();
      this.#module = module;
      this.#users = 0;
    }
    return this.#made;
  }

  /** Does `work` with it, and keeps it that long. */
  async during<R>(work: (made: T) => Promise<R>): Promise<R> {
    const made = this.now;
    this.#users += 1;
    try {
      return await work(made);
    } finally {
      if (made === this.#made) {
        this.#users -= 1;
        this.#free();
      }
    }
  }

  /** Lets go of it as soon as nobody uses it. */
  leave(): void {
    this.#isLeft = true;
    this.#free();
  }

  #free(): void {
    if (!this.#isLeft || this.#users > 0) return;
    this.#made?.free();
    this.#made = undefined;
    this.#isLeft = false;
  }
}
