/**
 * Where in a configuration something stands, such as
 * `static_resources.listeners[0].metadata.filter_metadata["envoy.lb"]`. A path is a chain of steps
 * that is written out only when somebody asks, so that walking a valid configuration builds no
 * strings.
 */
export class FieldPath {
  /** The whole configuration. */
  static readonly root = new FieldPath(null, "");

  readonly #parent: FieldPath | null;
  readonly #step: string | number;
  readonly #isKey: boolean;

  private constructor(parent: FieldPath | null, step: string | number, isKey = false) {
    this.#parent = parent;
    this.#step = step;
    this.#isKey = isKey;
  }

  /** The path of a field of the message here, by its name in the .proto file. */
  field(name: string): FieldPath {
    return new FieldPath(this, name);
  }

  /** The path of an element of the list here. */
  item(index: number): FieldPath {
    return new FieldPath(this, index);
  }

  /** The path of the value under a key of the map here. */
  key(key: string): FieldPath {
    return new FieldPath(this, key, true);
  }

  /** The path as a person writes it; `""` for the root. */
  toString(): string {
    if (this.#parent === null) return "";
    const front = this.#parent.toString();
    if (typeof this.#step === "number") return `${front}[${this.#step}]`;
    if (this.#isKey) return `${front}[${JSON.stringify(this.#step)}]`;
    return front === "" ? this.#step : `${front}.${this.#step}`;
  }
}
