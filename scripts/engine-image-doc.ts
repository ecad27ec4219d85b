import { readFileSync } from "node:fs";

/** A constant of a layout file with the comment above it. */
interface Constant {
  readonly name: string;
  readonly value: string;
  readonly comment: string;
}

/** A part of the page: a heading, what there is to say, and the file that its tables come from. */
interface Section {
  readonly title: string;
  readonly text: string;
  readonly file: string;
}

const SECTIONS: readonly Section[] = [
  {
    title: "Header, scopes, clusters, connection managers",
    text: "The header lies at offset 0. A scope says where the address of a statistics block goes.",
    file: "image",
  },
  {
    title: "Filter chain",
    text: "`HCM_CHAIN` is a list of these, in the order of requests.",
    file: "chain-image",
  },
  {
    title: "TCP proxies",
    text: "The record begins with one of a connection manager, of which little is set.",
    file: "network/tcp-image",
  },
  {
    title: "Routes",
    text: `A request finds its virtual host through the hash table at \`ROUTES_HOSTS\`, and there
its candidates through the path table: one pass over the path, which stops at the lengths in
\`VHOST_STOPS\`.`,
    file: "route-image",
  },
  {
    title: "Matchers and header mutations",
    text: "Parts of routes, access-log filters and local reply rules.",
    file: "match-image",
  },
  {
    title: "Formats, access logs, local replies",
    text: "A format is a list of operations, run in order.",
    file: "format-image",
  },
];

/** The text of docs/engine-image.md: what there is to say, and tables from `api/engine/`. */
export function buildEngineImageDoc(): string {
  const parts = SECTIONS.map(({ title, text, file }) => {
    const tables = readBlocks(file).map(renderBlock).join("\n\n");
    return `## ${title}\n\n${text} From \`api/engine/${file}.ts\`.\n\n${tables}\n`;
  });
  return `${intro()}\n${parts.join("\n")}`;
}

function intro(): string {
  const constants = readBlocks("image").flat();
  const version = constants.find(({ name }) => name === "IMAGE_VERSION_VALUE")?.value ?? "";
  return `# The engine image

<!-- Written by \`npm run docs\` from api/engine/. Do not edit it here. -->

Configuration, compiled to one block of bytes that the engine runs from.
\`proxy/config/compile/\` writes it, \`filters/\` reads it, and
\`causeway config image FILE\` prints it. This page is about version ${version}.

\`\`\`
 ┌────────┬──────────┬──────────────────────────────────────────────────────┬────────┬────────┐
 │ header │ clusters │ for each filter chain: routes, logs, replies, filter │ list   │ scopes │
 │        │          │ chain, connection manager; texts and tables between  │ of HCM │        │
 └────────┴──────────┴──────────────────────────────────────────────────────┴────────┴────────┘
 0                                                          every record at a multiple of 8 bytes
\`\`\`

- **Numbers** are little-endian, 32 bits unless said otherwise. Signed where -1 has a meaning.
- **A reference** is the offset of its target from the start of the image; 0 is none (the header
  lies there). So an image can lie anywhere: it is copied into the engine's memory as it is, and
  the engine adds its address.
- **A text** is a reference and its length in bytes, 8 bytes in all. It is UTF-8. Equal texts
  are stored once. At least 16 bytes of the image follow each, so that the engine may compare in
  steps of 8 or 16.
- **A list** is a reference and a count, 8 bytes in all, to records that lie one behind the
  other.
- **Records** begin at multiples of 8. Fields that are not set are 0.
- **Scopes.** What counts has a field \`…_STATS\`, 0 in the image. The worker that loads it goes
  through the list of scopes, finds or makes the block of each kind and name, and writes its
  address into the field. That is all that is ever written to a loaded image.

The image is a pure function of the configuration, of what \`proxy/machine.ts\` reads of the
machine (host name, address, files and environment variables that the configuration names), and
of the log sinks of the snapshot before, whose numbers stay. A golden test holds its bytes: a
change of format is a decision, which raises \`IMAGE_VERSION_VALUE\`. Engine and compiler come
in one package, and the engine trusts what it loads.

What is not in the image: endpoints, addresses and timeouts of connections. They are for
TypeScript, and stand in the \`Snapshot\` beside it (\`proxy/config/model.ts\`). Compiled
regular expressions have a layout of their own, drawn in \`api/engine/regex-layout.ts\`.

In the tables below, the last field of a record takes in the bytes that fill the record up.
`;
}

/** Constants of a layout file, in the groups that empty lines make. */
function readBlocks(file: string): Constant[][] {
  const path = new URL(`../api/engine/${file}.ts`, import.meta.url);
  const groups = readFileSync(path, "utf8").split(/\n\n+/);
  return groups.map(readConstants).filter((constants) => constants.length > 0);
}

function readConstants(text: string): Constant[] {
  const pattern = /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)?export const (\w+) =\s+([^;[]+);/g;
  return Array.from(text.matchAll(pattern), ([, comment = "", name, value]) => ({
    name,
    value,
    comment: comment.replaceAll(/\n \*/g, " ").replaceAll(/\s+/g, " ").trim(),
  }));
}

function renderBlock(constants: readonly Constant[]): string {
  const end = constants.findIndex(({ name }) => isSize(name, constants[0].name));
  if (end < 0) return renderValues(constants);
  const fields = constants.slice(0, end);
  const { name, value } = constants[end];
  const rows = fields.map((field, index) => {
    const next = Number(constants[index + 1].value);
    const bytes = next - Number(field.value);
    const meaning = index === 0 ? "" : field.comment;
    return `| ${field.value} | ${bytes} | \`${field.name}\` | ${escapeCell(meaning)} |`;
  });
  const head = `**${fields[0]?.comment ?? ""}** ${value} bytes: \`${name}\`.`;
  const table = ["| Offset | Bytes | Field | |", "|---|---|---|---|", ...rows].join("\n");
  const rest = constants.slice(end + 1);
  const parts = [head, table, ...(rest.length === 0 ? [] : [renderValues(rest)])];
  return parts.join("\n\n");
}

/** Whether a name is that of the size of the record whose first field is `field`. */
function isSize(name: string, field: string): boolean {
  const prefix = name.replace(/(HEADER_)?BYTES$/, "");
  return prefix !== name && prefix.endsWith("_") && field.startsWith(prefix);
}

/** Values of a field: a line, or a table when each has something to say. */
function renderValues(constants: readonly Constant[]): string {
  const [first, ...rest] = constants;
  if (rest.every(({ comment }) => comment === "")) {
    const values = constants.map(({ name, value }) => `\`${name}\` ${value}`).join(", ");
    return `${first.comment} ${values}.`.trim();
  }
  const isTitle = /^(Values|Bits) of/.test(first.comment);
  const rows = constants.map(({ name, value, comment }, index) => {
    const meaning = index === 0 && isTitle ? "" : comment;
    return `| ${value} | \`${name}\` | ${escapeCell(meaning)} |`;
  });
  const table = ["| Value | Name | |", "|---|---|---|", ...rows].join("\n");
  return isTitle ? `${first.comment}\n\n${table}` : table;
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|");
}
