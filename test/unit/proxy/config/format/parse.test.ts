import { deepEqual, equal, fail } from "node:assert/strict";
import { suite, test } from "mocha";
import {
  ADDRESS_ONLY,
  OP_CONSTANT,
  OP_DOWNSTREAM_FACT,
  OP_DOWNSTREAM_DIRECT_LOCAL_ADDRESS,
  OP_LITERAL,
  OP_FILTER_STATE,
  OP_NOTHING,
  OP_PATH,
  OP_PEER,
  OP_REQUEST_HEADER,
  OP_RESPONSE_CODE,
  OP_RESPONSE_HEADER,
  OP_UPSTREAM_FACT,
  OP_UPSTREAM_FACT_TIME,
  PATH_FORMAT_NO_QUERY,
  PATH_FORMAT_ORIGINAL,
} from "../../../../../api/engine/format-image.ts";
import {
  PEER_AS_ANY,
  PEER_AS_FIELD,
  PEER_AS_PAIRS,
  PEER_AS_STRUCT,
  PEER_FIELD_SHIFT,
  PEER_NAMESPACE,
} from "../../../../../api/engine/peer/peer-image.ts";
import { AskedFacts } from "../../../../../proxy/config/format/asked-facts.ts";
import { parseFormat } from "../../../../../proxy/config/format/parse.ts";
import { MACHINE } from "./machine.ts";

/** What Envoy 1.40 says of each. */
const REFUSED: readonly (readonly [string, string])[] = [
  ["%", "Incorrect configuration: %. Couldn't find valid command at position 0"],
  ["abc%", "Incorrect configuration: abc%. Couldn't find valid command at position 3"],
  ["%%%", "Incorrect configuration: %%%. Couldn't find valid command at position 2"],
  ["é%", "Incorrect configuration: é%. Couldn't find valid command at position 2"],
  ["50% off", "Incorrect configuration: 50% off. Couldn't find valid command at position 2"],
  [
    "%DURATION%%",
    "Incorrect configuration: %DURATION%%. Couldn't find valid command at position 10",
  ],
  [
    "%start_time%",
    "Incorrect configuration: %start_time%. Couldn't find valid command at position 0",
  ],
  ["%REQ(a%", "Incorrect configuration: %REQ(a%. Couldn't find valid command at position 0"],
  ["%REQ(a)x%", "Incorrect configuration: %REQ(a)x%. Couldn't find valid command at position 0"],
  ["%REQ (a)%", "Incorrect configuration: %REQ (a)%. Couldn't find valid command at position 0"],
  ["%REQ(a):b%", "Incorrect configuration: %REQ(a):b%. Couldn't find valid command at position 0"],
  [
    "%REQ(a):-1%",
    "Incorrect configuration: %REQ(a):-1%. Couldn't find valid command at position 0",
  ],
  [
    "%REQ(a):18446744073709551616%",
    "Incorrect configuration: %REQ(a):18446744073709551616%. " +
      "Couldn't find valid command at position 0",
  ],
  [
    "%REQ(a\nb)%",
    "Incorrect configuration: %REQ(a\nb)%. Couldn't find valid command at position 0",
  ],
  ["%FOO%", "Not supported field in StreamInfo: FOO"],
  ["%FOO(a)%", "Not supported field in StreamInfo: FOO"],
  ["%REQ%", "REQ requires parameters"],
  ["%REQ()%", "REQ requires parameters"],
  ["%QUERY_PARAM%", "QUERY_PARAM requires parameters"],
  ["%ENVIRONMENT%", "ENVIRONMENT requires parameters"],
  ["%DYNAMIC_METADATA%", "DYNAMIC_METADATA requires parameters"],
  ["%REQ(a?b?c)%", "More than 1 alternative header specified in token: a?b?c"],
  ["%REQ(a b)%", "Invalid header configuration. Format string contains invalid characters."],
  ["%REQ(a)b)%", "Invalid header configuration. Format string contains invalid characters."],
  ["%REQ(:a:b)%", "Invalid header configuration. Format string contains invalid characters."],
  ["%RESPONSE_CODE(a)%", "RESPONSE_CODE does not take any parameters or length"],
  ["%RESPONSE_CODE:3%", "RESPONSE_CODE does not take any parameters or length"],
  ["%DOWNSTREAM_TLS_VERSION(a)%", "DOWNSTREAM_TLS_VERSION does not take any parameters or length"],
  ["%START_TIME(%Y):5%", "START_TIME does not allow length to be specified."],
  ["%RESPONSE_CODE_DETAILS(a):2%", "RESPONSE_CODE_DETAILS does not allow length to be specified."],
  ["%START_TIME(%n)%", "Invalid header configuration. Format string contains newline."],
  [
    "%GRPC_STATUS(X)%",
    "GrpcStatusFormatter only supports CAMEL_STRING, SNAKE_STRING or NUMBER. Got: X",
  ],
  ["%COMMON_DURATION(a)%", "Invalid common duration configuration: a."],
  ["%COMMON_DURATION(a:b:c:d)%", "Invalid common duration configuration: a:b:c:d."],
  ["%COMMON_DURATION(DS_RX_BEG:DS_TX_END:xx)%", "Invalid common duration precision: xx."],
  ["%PATH(X)%", "Invalid PATH option: 'X', only 'WQ'/'NQ' are allowed"],
  ["%PATH(WQ:X)%", "Invalid PATH option: 'X', only 'ORIG'/'PATH'/'ORIG_OR_PATH' are allowed"],
  ["%QUERY_PARAMS(RAW)%", "Invalid QUERY_PARAMS option: 'RAW', only 'ORIG'/'DECODED' are allowed"],
  ["%CLUSTER_METADATA%", "CLUSTER_METADATA requires parameters"],
  ["%CLUSTER_METADATA(a):3%", "CLUSTER_METADATA does not allow length to be specified."],
  ["%METADATA%", " is not supported type of metadata"],
  ["%METADATA(XX:a)%", "XX is not supported type of metadata"],
  ["%FILTER_STATE%", "Invalid filter state configuration, key cannot be empty."],
  ["%FILTER_STATE(a:XX)%", "Invalid filter state serialize type, only support PLAIN/TYPED/FIELD."],
  [
    "%FILTER_STATE(a:FIELD)%",
    "Invalid filter state serialize type, FIELD should be used with the field name.",
  ],
];

/** What Envoy would take and we do not. */
const NOT_IMPLEMENTED: readonly (readonly [string, string])[] = [
  ["%CEL(request.path)%", "%CEL% is not implemented"],
  ["%UPSTREAM_METADATA(a)%", "%UPSTREAM_METADATA% is not implemented"],
  ["%METADATA(LISTENER:a)%", "%METADATA(LISTENER:…)% is not implemented"],
  ["%COMMON_DURATION(DS_RX_BEG:US_CX_BEG)%", "the time point US_CX_BEG is not implemented"],
  [
    "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(24)%",
    "the length of a network prefix is not implemented",
  ],
];

function operationsOf(text: string): readonly unknown[] {
  const parsed = parseFormat(text, MACHINE);
  return "problem" in parsed ? fail(parsed.problem) : parsed.operations;
}

suite("parse format", () => {
  for (const [text, problem] of [...REFUSED, ...NOT_IMPLEMENTED]) {
    test(`parseFormat: ${JSON.stringify(text)} is refused`, () => {
      deepEqual(parseFormat(text, MACHINE), { problem });
    });
  }

  test("parseFormat: text around commands is literal, and two percent signs are one", () => {
    deepEqual(operationsOf("a%%b %RESPONSE_CODE% %RESPONSE_CODE%:3"), [
      { code: OP_LITERAL, text: "a%b " },
      { code: OP_RESPONSE_CODE, argument: 0 },
      { code: OP_LITERAL, text: " " },
      { code: OP_RESPONSE_CODE, argument: 0 },
      { code: OP_LITERAL, text: ":3" },
    ]);
  });

  test("parseFormat: peers have a place for each form", () => {
    deepEqual(
      operationsOf(
        "%FILTER_STATE(downstream_peer:PLAIN)%%FILTER_STATE(downstream_peer_obj:PLAIN)%" +
          "%FILTER_STATE(upstream_peer)%%FILTER_STATE(upstream_peer_obj:TYPED):9%" +
          "%FILTER_STATE(upstream_peer:FIELD:namespace)%%FILTER_STATE(upstream_peer:FIELD:x)%",
      ),
      [
        { code: OP_PEER, text: "downstream_peer", argument: PEER_AS_PAIRS },
        { code: OP_PEER, text: "downstream_peer", argument: PEER_AS_PAIRS },
        { code: OP_PEER, text: "upstream_peer", argument: PEER_AS_ANY },
        { code: OP_PEER, text: "upstream_peer", argument: PEER_AS_STRUCT, limit: 9 },
        {
          code: OP_PEER,
          text: "upstream_peer",
          argument: PEER_AS_FIELD | (PEER_NAMESPACE << PEER_FIELD_SHIFT),
        },
        { code: OP_NOTHING },
      ],
    );
  });

  test("parseFormat: an empty text is nothing", () => {
    deepEqual(operationsOf(""), []);
  });

  test("parseFormat: header names are in lower case, and a request has an authority", () => {
    deepEqual(operationsOf("%REQ(Host?X-A)%%RESP(Host)%"), [
      { code: OP_REQUEST_HEADER, text: ":authority", other: "x-a" },
      { code: OP_RESPONSE_HEADER, text: "host", other: "" },
    ]);
  });

  test("parseFormat: a percent sign may stand in a header name", () => {
    deepEqual(operationsOf("%REQ(a%b)%"), [{ code: OP_REQUEST_HEADER, text: "a%b", other: "" }]);
  });

  test("parseFormat: a length is kept, up to what 32 bits hold", () => {
    deepEqual(operationsOf("%PATH(NQ:ORIG):5%%PATH:18446744073709551615%"), [
      { code: OP_PATH, argument: PATH_FORMAT_NO_QUERY | PATH_FORMAT_ORIGINAL, limit: 5 },
      { code: OP_PATH, argument: 0, limit: 0x7fffffff },
    ]);
  });

  test("parseFormat: empty brackets are as none", () => {
    deepEqual(operationsOf("%RESPONSE_CODE()%"), [{ code: OP_RESPONSE_CODE, argument: 0 }]);
  });

  test("parseFormat: what the machine knows becomes constant", () => {
    deepEqual(operationsOf("%HOSTNAME%%LISTENER_NAME%%FILTER_CHAIN_NAME%"), [
      { code: OP_CONSTANT, text: "gateway-1" },
      { code: OP_CONSTANT, text: "ingress" },
      { code: OP_NOTHING },
    ]);
    deepEqual(operationsOf("%ENVIRONMENT(REGION):2%%ENVIRONMENT(EMPTY)%%ENVIRONMENT(NONE)%"), [
      { code: OP_CONSTANT, text: "north", limit: 2 },
      { code: OP_CONSTANT, text: "" },
      { code: OP_CONSTANT, text: "-" },
    ]);
  });

  test("parseFormat: direct addresses have their parts too", () => {
    const [operation] = operationsOf("%DOWNSTREAM_DIRECT_LOCAL_ADDRESS_WITHOUT_PORT%");
    deepEqual(operation, { code: OP_DOWNSTREAM_DIRECT_LOCAL_ADDRESS, argument: ADDRESS_ONLY });
  });

  test("parseFormat: what filters know is found by its name", () => {
    const text = "%REQUESTED_SERVER_NAME%%FILTER_STATE(a:PLAIN):3%%METADATA(DYNAMIC:a)%";
    deepEqual(operationsOf(text), [
      { code: OP_DOWNSTREAM_FACT, argument: 30 },
      { code: OP_FILTER_STATE, text: "a", argument: 0, limit: 3 },
      { code: OP_FILTER_STATE, text: "\u0001a" },
    ]);
  });

  test("parseFormat: a fact of TLS is a place in a table, and is asked for", () => {
    const askedFacts = new AskedFacts();
    const text = "%DOWNSTREAM_PEER_URI_SAN%%UPSTREAM_PEER_CERT_V_START(%Y)%%UPSTREAM_TLS_GROUP%";
    const parsed = parseFormat(text, { ...MACHINE, askedFacts });
    deepEqual(parsed, {
      operations: [
        { code: OP_DOWNSTREAM_FACT, argument: 6 },
        { code: OP_UPSTREAM_FACT_TIME, argument: 13, text: "\0Y0" },
        { code: OP_UPSTREAM_FACT, argument: 28 },
      ],
    });
    equal(askedFacts.downstream, 1 << 6);
    equal(askedFacts.upstream, (1 << 13) | (1 << 28));
  });
});
