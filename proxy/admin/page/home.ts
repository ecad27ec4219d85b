import type { AdminEndpoint, AdminParameter } from "../endpoint.ts";
import type { AdminSource } from "../source.ts";
import { formatAddress } from "./address.ts";
import { HOME_STYLE } from "./home-style.ts";

/** The page at `/`: how the proxy is, and every endpoint with a form for its parameters. */
export function formatHomePage(endpoints: readonly AdminEndpoint[], source: AdminSource): string {
  const pages = endpoints.filter(({ isMutation, path }) => !isMutation && path !== "/");
  const actions = endpoints.filter(({ isMutation }) => isMutation);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Causeway admin</title>
<link rel="icon" href="data:,">
<style>${HOME_STYLE}</style>
</head>
<body>
<header>
<h1>Causeway <small>admin</small></h1>
${formatFacts(source)}
</header>
<main>
<section>
<h2>Look</h2>
${pages.map(formatPage).join("\n")}
</section>
<section>
<h2>Change</h2>
<p class="note">These act on the running proxy at once.</p>
${actions.map(formatAction).join("\n")}
</section>
</main>
</body>
</html>
`;
}

function formatFacts(source: AdminSource): string {
  const { version, uptimeMs, node } = source.serverInfo();
  const state = source.state();
  const facts: readonly (readonly [name: string, value: string])[] = [
    ["Version", version],
    ["Uptime", formatUptime(uptimeMs)],
    ["Node", node?.id || "not named"],
    ["Listeners", formatListeners(source)],
  ];
  const terms = facts.map(([name, value]) => {
    return `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`;
  });
  const look = state === "LIVE" ? "live" : "waiting";
  return `<p class="badge ${look}">${state}</p>\n<dl>${terms.join("")}</dl>`;
}

function formatListeners(source: AdminSource): string {
  const addresses = source.listeners().flatMap((listener) => listener.addresses);
  if (addresses.length === 0) return "none";
  const shown = addresses.slice(0, 3).map(formatAddress).join(", ");
  return addresses.length > 3 ? `${shown} and ${addresses.length - 3} more` : shown;
}

/** Hours and minutes once there are any: `2 d 3 h`, `4 min 10 s`. */
function formatUptime(uptimeMs: number): string {
  const seconds = Math.floor(uptimeMs / 1000);
  const parts: readonly (readonly [amount: number, unit: string])[] = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first < 0) return "0 s";
  const shown = parts.slice(first, first + 2);
  return shown.map(([amount, unit]) => `${amount} ${unit}`).join(" ");
}

function formatPage({ path, help, parameters }: AdminEndpoint): string {
  const link = `<a href="${path}">${path}</a>`;
  const form = parameters.length === 0 ? "" : formatForm("get", path, parameters, "Show");
  return formatRow(link, help, form);
}

function formatAction({ path, help, parameters }: AdminEndpoint): string {
  return formatRow(path, help, formatForm("post", path, parameters, "Apply"));
}

function formatForm(
  method: "get" | "post",
  path: string,
  parameters: readonly AdminParameter[],
  verb: string,
): string {
  const look = parameters.length === 0 ? "bare" : "fields";
  const fields = parameters.map(formatField).join("");
  const button = `<button class="${method}">${verb}</button>`;
  return `<form class="${look}" method="${method}" action="${path}">${fields}${button}</form>`;
}

function formatRow(name: string, help: string, form: string): string {
  return `<article><h3>${name}</h3><p>${escapeHtml(help)}</p>${form}</article>`;
}

function formatField({ name, help, kind }: AdminParameter): string {
  const title = escapeHtml(help);
  if (kind === "flag") {
    const box = `<input type="checkbox" name="${name}" value="y">`;
    return `<label title="${title}">${box}${name}</label>`;
  }
  if (kind === "text") {
    const field = `<input name="${name}" placeholder="${title}" spellcheck="false">`;
    return `<label class="wide" title="${title}"><span>${name}</span>${field}</label>`;
  }
  const options = kind.map((choice) => `<option>${escapeHtml(choice)}</option>`).join("");
  const field = `<select name="${name}">${options}</select>`;
  return `<label title="${title}"><span>${name}</span>${field}</label>`;
}

/** Text for an element or for an attribute in double quotes. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
