import { readFileSync } from "node:fs";
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { DOCUMENT_LIMITS } from "../proxy/config/document/document-limits.ts";
import type { FieldStatus, MessageFields } from "../proxy/config/fields/field-status.ts";
import { FIELD_AREAS } from "../proxy/config/fields/field-table.ts";
import { PROBLEM_COUNT_MAX } from "../proxy/config/problems.ts";

/** A small bootstrap for the head of the page. */
const EXAMPLE_YAML = readFileSync(new URL("configuration-example.yaml", import.meta.url), "utf8");

/** The text of docs/configuration.md, from the table that the program itself uses. */
export function buildConfigurationDoc(): string {
  return [intro(), ...FIELD_AREAS.flatMap(({ title, messages }) => area(title, messages))].join(
    "\n",
  );
}

function intro(): string {
  const { lengthMax, depthMax, valueCountMax } = DOCUMENT_LIMITS;
  return `# Configuration

<!-- Written by \`npm run docs\` from proxy/config/fields/. Do not edit it here. -->

Causeway is configured in Envoy's own language: a bootstrap of the v3 API, in YAML or JSON. What
Envoy's documentation says of a field holds here too, where the tables below say "implemented".

\`\`\`yaml
${EXAMPLE_YAML}\`\`\`

\`npm start -- proxy -c FILE\` runs a file; with \`--mode validate\` it is only read.
\`--config-yaml TEXT\` is merged over the file as protobuf merges messages: single values are
replaced, lists are joined.

## Nothing is ignored silently

A configuration is taken as a whole or refused as a whole. Every field that is set is one of these:

- **implemented**: it does what it does in Envoy;
- **partly** implemented: some values are accepted, the others refused;
- **harmless**: it may be set and has no effect, for the reason given;
- anything else is refused, with its path:

\`\`\`
envoy.yaml: 2 problems
  static_resources.listeners[0].listener_filters: not implemented
  static_resources.clusters[0].lb_policy: MAGLEV is not implemented (accepted: ROUND_ROBIN)
\`\`\`

Problems of a file are told together, up to ${PROBLEM_COUNT_MAX}, in two steps. First come those of
its fields. What shows only when they are compiled is told once the fields are right, and one at a
time: malformed formats and regular expressions, files that cannot be read, certificates and keys
that do not fit. Besides fields that are not
implemented, these are refused: fields and enum values that do not exist, values of a wrong type,
values that break the rules of Envoy's .proto files (in the same words: \`value must be greater
than 0s\`), extensions of other types than those named below, and what Envoy itself refuses on start
(unknown or duplicate clusters, duplicate domains and addresses, a filter chain that does not end
with a terminal filter, …).

## The text

- A name that ends in \`.json\` is read as JSON, any other as YAML 1.2. Field names are as in the
  .proto files or in camel case.
- Unquoted scalars mean what they mean to Envoy: \`yes\`, \`no\`, \`on\`, \`off\`, \`y\` and \`n\`
  are booleans, \`010\` is eight and \`0x10\` sixteen. A string that looks like one of these needs
  quotes.
- Anchors, aliases and merge keys (\`<<\`) work. Repeated keys, a second document and tags of other
  types are refused.
- \`xds.type.v3.TypedStruct\` and \`udpa.type.v1.TypedStruct\` stand for the message they carry.
- Durations are written \`0.25s\`, bytes in base64.
- Limits: ${digits(lengthMax)} characters, ${depthMax} levels of nesting, and
  ${digits(valueCountMax)} values, counted with aliases followed.
`;
}

function digits(count: number): string {
  return count.toLocaleString("en");
}

function area(title: string, messages: readonly MessageFields[]): string[] {
  const filled = messages.filter(({ desc }) => desc.fields.length > 0);
  return [`## ${title}\n`, ...filled.map(messageSection)];
}

function messageSection({ desc, statuses }: MessageFields): string {
  const known = desc.fields.filter(({ name }) => statuses.has(name));
  const rest = desc.fields.filter(({ name }) => !statuses.has(name));
  const rows = known.map((field) => row(field, statuses.get(field.name)));
  const table = ["| field | status | |", "|---|---|---|", ...rows].join("\n");
  const parts = [`### ${shortName(desc)}`, `\`${desc.typeName}\``];
  if (rows.length > 0) parts.push(table);
  if (rest.length > 0) {
    const names = rest.map(({ name }) => `\`${name}\``).join(", ");
    parts.push(`Not implemented: ${names}.`);
  }
  return `${parts.join("\n\n")}\n`;
}

function row(field: DescField, status: FieldStatus | undefined): string {
  const mark = field.deprecated ? " (deprecated by Envoy)" : "";
  const { word, remark } = describe(status);
  return `| \`${field.name}\`${mark} | ${word} | ${remark} |`;
}

function describe(status: FieldStatus | undefined): { word: string; remark: string } {
  switch (status?.kind) {
    case "implemented":
      return { word: "implemented", remark: status.note ?? "" };
    case "harmless":
      return { word: "harmless", remark: status.reason };
    case "values":
      return { word: "partly", remark: `Accepted: ${codeList(status.names)}.` };
    case "accepted":
      return { word: "partly", remark: `Accepted: ${status.values}.` };
    case "narrowed":
      return {
        word: "partly",
        remark: [`Here without ${codeList([...status.refused])}.`, status.note].join(" ").trim(),
      };
    case "extension":
      return {
        word: "implemented",
        remark: `Types: ${codeList(status.types.map(({ typeName }) => typeName))}.`,
      };
    case undefined:
      return { word: "not implemented", remark: "" };
  }
}

function codeList(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(", ");
}

/** The name of a message without its package, such as `Cluster.RoundRobinLbConfig`. */
function shortName(desc: DescMessage): string {
  return desc.typeName.slice(desc.file.proto.package.length + 1);
}
