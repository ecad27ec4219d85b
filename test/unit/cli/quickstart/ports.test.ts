import assert from "node:assert/strict";
import { createServer } from "node:net";
import { parse } from "yaml";
import { checkPort, explainPortTaken, replacePorts } from "../../../../cli/quickstart/ports.ts";

describe("quickstart ports", () => {
  it("replacePorts: a port_value of the table changes, everything else stays", () => {
    const yaml = `
# A comment.
a: { socket_address: { address: 127.0.0.1, port_value: 9901 } }
b: [{ port_value: 9902, other: 9901 }]
`;
    const text = replacePorts(yaml, new Map([[9901, 0]]));
    assert.deepEqual(parse(text), {
      a: { socket_address: { address: "127.0.0.1", port_value: 0 } },
      b: [{ port_value: 9902, other: 9901 }],
    });
    assert.match(text, /# A comment\./);
  });

  it("replacePorts: two ports can change places", () => {
    const text = replacePorts(
      "[{port_value: 1}, {port_value: 2}]",
      new Map([
        [1, 2],
        [2, 1],
      ]),
    );
    assert.deepEqual(parse(text), [{ port_value: 2 }, { port_value: 1 }]);
  });

  it("checkPort: a free port passes", async () => {
    await checkPort(0);
  });

  it("checkPort: a taken port is refused, and the advice names port and flag", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    assert.ok(address !== null && typeof address !== "string");
    try {
      const checked = checkPort(address.port).catch((error) =>
        explainPortTaken(error, "the proxy", "--listen-port"),
      );
      await assert.rejects(checked, {
        name: "CommandError",
        exitCode: 1,
        message:
          `port ${address.port} for the proxy is taken by another program; ` +
          "choose another with --listen-port, or --listen-port 0 for a free one",
      });
    } finally {
      server.close();
    }
  });

  it("explainPortTaken: another error is thrown as it is", () => {
    const error = new Error("permission denied");
    assert.throws(() => explainPortTaken(error, "the proxy", "--listen-port"), error);
  });
});
