import assert from "node:assert/strict";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { isIPv4 } from "node:net";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { parseBootstrap } from "../../../proxy/config/bootstrap.ts";
import { FieldPath } from "../../../proxy/config/field-path.ts";
import { readMachine } from "../../../proxy/machine.ts";

const PATH = FieldPath.root.field("body").field("filename");
const FILE_BYTES_MAX = 16_777_216;

describe("machine", () => {
  const folder = mkdtempSync(join(tmpdir(), "causeway-machine-"));
  const path = join(folder, "body.txt");
  const layers = "[{name: a, static_layer: {x: 7}}]";
  const bootstrap = parseBootstrap(`layered_runtime: {layers: ${layers}}`, { name: "a.yaml" });
  const machine = readMachine(bootstrap, []);
  after(() => rmSync(folder, { recursive: true }));

  it("readMachine: has the name, an IPv4 address and the environment of this machine", () => {
    assert.equal(machine.hostname, hostname());
    assert.ok(isIPv4(machine.localAddress));
    process.env.CAUSEWAY_TEST = "here";
    assert.equal(machine.environment("CAUSEWAY_TEST"), "here");
    delete process.env.CAUSEWAY_TEST;
    assert.equal(machine.environment("CAUSEWAY_TEST"), undefined);
  });

  it("readMachine: only Linux shares ports", () => {
    assert.equal(machine.sharesPorts, process.platform === "linux");
  });

  it("readMachine: has the runtime of the static layers", () => {
    assert.equal(machine.runtimeInteger("x"), 7);
    assert.deepEqual(machine.runtimeFraction("x"), { numerator: 7, denominator: 100 });
  });

  it("readMachine: reads files of up to 16 MiB", () => {
    writeFileSync(path, "text");
    assert.equal(Buffer.from(machine.fileContent(path, PATH)).toString(), "text");
    truncateSync(path, FILE_BYTES_MAX);
    assert.equal(machine.fileContent(path, PATH).length, FILE_BYTES_MAX);
  });

  it("readMachine: refuses a larger file and one that is absent, with the path", () => {
    writeFileSync(path, "");
    truncateSync(path, FILE_BYTES_MAX + 1);
    assert.throws(() => machine.fileContent(path, PATH), {
      code: "CONFIG_INVALID",
      message: `body.filename: ${path} is larger than 16777216 bytes`,
    });
    const absent = join(folder, "absent");
    assert.throws(() => machine.fileContent(absent, PATH), {
      code: "CONFIG_INVALID",
      message: `body.filename: cannot read ${absent}`,
    });
  });
});
