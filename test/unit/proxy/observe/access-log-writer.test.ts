import { deepEqual, equal } from "node:assert/strict";
import { mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "mocha";
import { AccessLogWriter } from "../../../../proxy/observe/access-log-writer.ts";
import { FakeLogFiles } from "./fake-log-files.ts";

const PATH = "/logs/access.log";

function start(queueBytesMax?: number): { files: FakeLogFiles; writer: AccessLogWriter } {
  const files = new FakeLogFiles();
  const options = queueBytesMax === undefined ? { files } : { files, queueBytesMax };
  return { files, writer: new AccessLogWriter({ kind: "file", path: PATH }, options) };
}

function write(writer: AccessLogWriter, text: string): void {
  writer.write(Buffer.from(text), text.split("\n").length - 1);
}

suite("access log writer", () => {
  test("write: lines wait for a second, then go out in one write", () => {
    const { files, writer } = start();
    write(writer, "one\n");
    files.pass(500);
    write(writer, "two\n");
    equal(files.contents.get(PATH), undefined);
    files.pass(500);
    equal(files.contents.get(PATH), "one\ntwo\n");
    equal(files.writeCount, 1);
    deepEqual(writer.stats.writeTotal, 1);
    equal(writer.stats.linesTotal, 2);
  });

  test("write: 64 KiB go out without waiting", () => {
    const { files, writer } = start();
    const line = `${"x".repeat(64 * 1024 - 1)}\n`;
    write(writer, line);
    files.settle();
    equal(files.contents.get(PATH), line);
  });

  test("write: the bytes are copied", () => {
    const { files, writer } = start();
    const bytes = Buffer.from("kept\n");
    writer.write(bytes, 1);
    bytes.fill(0);
    files.pass(1_000);
    equal(files.contents.get(PATH), "kept\n");
  });

  test("write: lines that come during a write do not disturb it", () => {
    const { files, writer } = start();
    write(writer, "first\n");
    files.pass(999);
    const flushed = writer.flush();
    write(writer, "second\n");
    files.settle();
    equal(files.contents.get(PATH), "first\nsecond\n");
    return flushed;
  });

  test("write: a write that took a part goes on behind it", () => {
    const { files, writer } = start();
    files.writeBytesMax = 3;
    write(writer, "a line\n");
    files.pass(1_000);
    equal(files.contents.get(PATH), "a line\n");
    equal(writer.stats.writeTotal, 1);
  });

  test("write: a full disk is tried again each second and loses nothing", () => {
    const { files, writer } = start();
    files.writeError = "ENOSPC";
    write(writer, "one\n");
    files.pass(1_000);
    files.pass(1_000);
    equal(writer.stats.writeFailed, 2);
    files.writeError = null;
    write(writer, "two\n");
    files.pass(1_000);
    equal(files.contents.get(PATH), "one\ntwo\n");
    equal(writer.stats.writeDropped, 0);
  });

  test("write: a full disk is not tried for each line", () => {
    const { files, writer } = start();
    files.writeError = "EIO";
    const line = `${"x".repeat(70_000)}\n`;
    write(writer, line);
    files.settle();
    for (let i = 0; i < 5; i++) {
      write(writer, line);
      files.settle();
    }
    equal(files.writeCount, 1);
  });

  test("write: a full queue drops what comes and counts lines", () => {
    const { files, writer } = start(10);
    files.writeError = "ENOSPC";
    write(writer, "12345678\n");
    files.pass(1_000);
    write(writer, "a\nb\n");
    write(writer, "\n");
    equal(writer.stats.writeDropped, 2);
    equal(writer.stats.linesTotal, 2);
    files.writeError = null;
    files.pass(1_000);
    equal(files.contents.get(PATH), "12345678\n\n");
  });

  test("write: a pipe that is full is tried again soon and is no failure", () => {
    const files = new FakeLogFiles();
    const writer = new AccessLogWriter({ kind: "stdout" }, { files });
    files.writeError = "EAGAIN";
    write(writer, "line\n");
    files.pass(1_000);
    files.writeError = null;
    files.pass(10);
    equal(files.contents.get("1"), "line\n");
    equal(writer.stats.writeFailed, 0);
  });

  test("write: a pipe without a reader loses the batch", () => {
    const files = new FakeLogFiles();
    const writer = new AccessLogWriter({ kind: "stderr" }, { files });
    files.writeError = "EPIPE";
    write(writer, "a\nb\n");
    files.pass(1_000);
    deepEqual([writer.stats.writeFailed, writer.stats.writeDropped], [1, 2]);
  });

  test("write: a file that cannot be opened is tried again", () => {
    const { files, writer } = start();
    files.openError = "ENOENT";
    write(writer, "line\n");
    files.pass(1_000);
    equal(writer.stats.writeFailed, 1);
    files.openError = null;
    files.pass(1_000);
    equal(files.contents.get(PATH), "line\n");
  });

  test("flush: it resolves when all is written", async () => {
    const { files, writer } = start();
    write(writer, "line\n");
    const flushed = writer.flush();
    files.settle();
    await flushed;
    equal(files.contents.get(PATH), "line\n");
  });

  test("flush: it resolves when writing failed", async () => {
    const { files, writer } = start();
    files.writeError = "EIO";
    write(writer, "line\n");
    const flushed = writer.flush();
    files.settle();
    await flushed;
    equal(writer.stats.writeFailed, 1);
  });

  test("reopen: lines go to the new file once the old one was moved", () => {
    const { files, writer } = start();
    write(writer, "old\n");
    files.pass(1_000);
    files.rename(PATH, "/logs/access.log.1");
    writer.reopen();
    files.settle();
    write(writer, "new\n");
    files.pass(1_000);
    equal(files.contents.get("/logs/access.log.1"), "old\n");
    equal(files.contents.get(PATH), "new\n");
    equal(files.closed.length, 1);
  });

  test("reopen: the old file stays in use when the new one cannot be opened", () => {
    const { files, writer } = start();
    write(writer, "one\n");
    files.pass(1_000);
    files.openError = "EACCES";
    writer.reopen();
    files.settle();
    write(writer, "two\n");
    files.pass(1_000);
    equal(files.contents.get(PATH), "one\ntwo\n");
    equal(writer.stats.reopenFailed, 1);
  });

  test("close: what waits is written, and later lines are dropped", async () => {
    const { files, writer } = start();
    write(writer, "last\n");
    const closed = writer.close();
    files.settle();
    await Promise.resolve();
    await Promise.resolve();
    files.settle();
    await closed;
    write(writer, "late\n");
    equal(files.contents.get(PATH), "last\n");
    equal(writer.stats.writeDropped, 1);
    equal(files.closed.length, 1);
  });

  test("system: lines are appended to a real file, before and after it is moved", async () => {
    const folder = mkdtempSync(join(tmpdir(), "access-log-"));
    const path = join(folder, "access.log");
    const writer = new AccessLogWriter({ kind: "file", path });
    write(writer, "one\n");
    await writer.flush();
    renameSync(path, `${path}.1`);
    writer.reopen();
    write(writer, "two\n");
    await writer.close();
    equal(readFileSync(`${path}.1`, "utf8"), "one\n");
    equal(readFileSync(path, "utf8"), "two\n");
    rmSync(folder, { recursive: true });
  });
});
