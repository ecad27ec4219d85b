import assert from "node:assert/strict";
import {
  RESPONSE_FLAG_SI,
  RESPONSE_FLAG_UF,
  RESPONSE_FLAG_UMSDR,
  RESPONSE_FLAG_UT,
} from "../../../../api/engine/response-flags.ts";
import {
  afterResponseBegan,
  CONNECTION_TERMINATION,
  connectFailure,
  durationTimeout,
  idleTimeout,
  RESPONSE_TIMEOUT,
  TRY_TIMEOUT,
  tryDurationTimeout,
  withoutContent,
} from "../../../../proxy/http/failure.ts";

const RESET = "upstream connect error or disconnect/reset before headers. reset reason: ";

describe("failures", () => {
  it("connectFailure: the reason is in the details, not in the body", () => {
    const failure = connectFailure({ kind: "remote", reason: "delayed connect error: Refused" });
    assert.equal(failure.status, 503);
    assert.equal(failure.flag, RESPONSE_FLAG_UF);
    assert.equal(failure.body, `${RESET}remote connection failure`);
    assert.equal(
      failure.details,
      "upstream_reset_before_response_started" +
        "{remote_connection_failure|delayed_connect_error:_Refused}",
    );
  });

  // As Envoy 1.40 has it of an upstream that closes in the middle of a TLS handshake.
  it("connectFailure: without a reason there is none in the details", () => {
    const { details } = connectFailure({ kind: "remote", reason: "" });
    assert.equal(details, "upstream_reset_before_response_started{remote_connection_failure}");
  });

  it("connectFailure: one that this proxy gave up is told as local", () => {
    const failure = connectFailure({ kind: "local", reason: "" });
    assert.equal(
      failure.details,
      "upstream_reset_before_response_started{local_connection_failure}",
    );
    assert.equal(failure.body, `${RESET}local connection failure`);
  });

  it("connectFailure: a timeout is told as one", () => {
    const failure = connectFailure({ kind: "timeout", reason: "" });
    assert.equal(failure.flag, RESPONSE_FLAG_UF);
    assert.equal(failure.body, `${RESET}connection timeout`);
  });

  it("idleTimeout: 408 while the request is sent, 504 afterwards", () => {
    assert.equal(idleTimeout(false).status, 408);
    assert.equal(idleTimeout(true).status, 504);
    assert.equal(idleTimeout(true).flag, RESPONSE_FLAG_SI);
  });

  it("durationTimeout: has details, but no flag", () => {
    assert.equal(durationTimeout(false).status, 408);
    assert.equal(durationTimeout(true).status, 504);
    assert.equal(durationTimeout(true).details, "max_duration_timeout");
    assert.equal(durationTimeout(true).flag, -1);
  });

  it("TRY_TIMEOUT: is told apart from that of the whole by its details alone", () => {
    assert.deepEqual(TRY_TIMEOUT, { ...RESPONSE_TIMEOUT, details: "upstream_per_try_timeout" });
  });

  it("withoutContent: 204 without a body, logged as before", () => {
    assert.deepEqual(withoutContent(RESPONSE_TIMEOUT), {
      status: 204,
      flag: RESPONSE_FLAG_UT,
      details: "response_timeout",
      body: "",
    });
  });

  it("tryDurationTimeout: 408 while the request is sent, 504 afterwards", () => {
    assert.equal(tryDurationTimeout(false).status, 408);
    assert.deepEqual(tryDurationTimeout(true), {
      status: 504,
      flag: RESPONSE_FLAG_UMSDR,
      details: "upstream_max_stream_duration_reached",
      body: "upstream max stream duration reached",
    });
  });

  it("afterResponseBegan: the details say so", () => {
    const { details } = afterResponseBegan(CONNECTION_TERMINATION);
    assert.equal(details, "upstream_reset_after_response_started{connection_termination}");
  });
});
