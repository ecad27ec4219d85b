import assert from "node:assert/strict";
import { formatAddress } from "../../../../../proxy/admin/page/address.ts";
import { formatListenerText, toListenerJson } from "../../../../../proxy/admin/page/listeners.ts";
import type { AdminAddress } from "../../../../../proxy/admin/source.ts";

const addresses: readonly (readonly [address: AdminAddress, want: string])[] = [
  [{ kind: "socket", address: "10.0.0.1", port: 80 }, "10.0.0.1:80"],
  [{ kind: "socket", address: "::1", port: 443 }, "[::1]:443"],
  [{ kind: "pipe", path: "/run/proxy.sock" }, "/run/proxy.sock"],
  [{ kind: "pipe", path: "@proxy" }, "@proxy"],
];

describe("listeners page", () => {
  for (const [address, want] of addresses) {
    it(`formatAddress: writes ${want}`, () => assert.equal(formatAddress(address), want));
  }

  it("formatListenerText: has a line for each address", () => {
    const listeners = [{ name: "web", addresses: [addresses[0][0], addresses[1][0]] }];
    assert.equal(formatListenerText(listeners), "web::10.0.0.1:80\nweb::[::1]:443\n");
  });

  it("toListenerJson: has the main address apart from the others", () => {
    const listeners = [{ name: "web", addresses: [addresses[0][0], addresses[2][0]] }];
    assert.deepEqual(toListenerJson(listeners), {
      listener_statuses: [
        {
          name: "web",
          local_address: { socket_address: { address: "10.0.0.1", port_value: 80 } },
          additional_local_addresses: [{ pipe: { path: "/run/proxy.sock" } }],
        },
      ],
    });
  });
});
