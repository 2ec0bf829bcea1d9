// Opens a page in a headless Chromium and uses it: no error, filters and folds by mouse and by keyboard, light and dark, a phone's width.
// Speaks the DevTools protocol over two pipes, so that it needs nothing but node and the browser. Usage: node browser.mjs CHROMIUM PAGE
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [chromium, page] = process.argv.slice(2);
const profile = mkdtempSync(join(tmpdir(), "edgegen-page-"));
const browser = spawn(
  chromium,
  ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", `--user-data-dir=${profile}`, "--remote-debugging-pipe"],
  { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] },
);
const waiting = new Map();
const events = [];
let next = 0;
let rest = "";
browser.stdio[4].on("data", (chunk) => {
  rest += chunk;
  const parts = rest.split("\0");
  rest = parts.pop();
  for (const part of parts) {
    const message = JSON.parse(part);
    if (message.id !== undefined) {
      waiting.get(message.id)(message);
      waiting.delete(message.id);
    } else {
      events.push(message);
    }
  }
});
function send(method, params = {}, sessionId = undefined) {
  const id = ++next;
  browser.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + "\0");
  return new Promise((done, fail) => {
    waiting.set(id, (m) => (m.error ? fail(new Error(`${method}: ${m.error.message}`)) : done(m.result)));
    setTimeout(() => fail(new Error(`${method}: no answer`)), 60_000).unref();
  });
}
const wrong = [];
const check = (holds, what) => {
  if (!holds) wrong.push(what);
};
try {
  const { targetId } = await send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
  const tab = (method, params) => send(method, params, sessionId);
  const js = async (expression) => {
    const { result, exceptionDetails } = await tab("Runtime.evaluate", { expression, returnByValue: true });
    if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.text}`);
    return result.value;
  };
  const key = async (name, code, text) => {
    const event = { key: name, code: name === " " ? "Space" : name, windowsVirtualKeyCode: code, text };
    await tab("Input.dispatchKeyEvent", { type: "keyDown", ...event });
    await tab("Input.dispatchKeyEvent", { type: "keyUp", ...event });
  };
  const click = async (selector) => {
    const { x, y } = await js(`(() => { const e = document.querySelector(${JSON.stringify(selector)}); e.scrollIntoView({ block: "center" }); const r = e.getBoundingClientRect(); return { x: r.x + r.width / 2, y: r.y + r.height / 2 }; })()`);
    for (const type of ["mousePressed", "mouseReleased"]) {
      await tab("Input.dispatchMouseEvent", { type, x, y, button: "left", clickCount: 1 });
    }
  };
  await tab("Runtime.enable");
  await tab("Log.enable");
  await tab("Page.enable");
  await tab("Page.navigate", { url: pathToFileURL(resolve(page)).href });
  for (let i = 0; i < 100 && (await js("document.readyState")) !== "complete"; i++) await new Promise((r) => setTimeout(r, 50));

  check(await js("!document.querySelector('form').hidden"), "the filters are not shown");
  const first = "input[name=target]";
  const label = await js(`document.querySelector("${first}").value`);
  const cells = `[...document.querySelectorAll('[data-target]')].filter((c) => c.dataset.target === ${JSON.stringify(label)} && !c.hidden).length`;
  check((await js(cells)) > 0, "there is no cell of the first target");
  await click(first);
  check((await js(cells)) === 0, "a click on a target's box does not hide it");
  await js(`document.querySelector("${first}").focus()`);
  await key(" ", 32, " ");
  check((await js(cells)) > 0, "the space bar on a target's box does not show it again");
  await js(`document.querySelector("input[type=search]").focus()`);
  await tab("Input.insertText", { text: "no such name" });
  check((await js("[...document.querySelectorAll('[data-exposure]')].every((e) => e.hidden)")), "the search does not hide exposures");
  await js(`(() => { const s = document.querySelector("input[type=search]"); s.value = ""; s.dispatchEvent(new Event("input", { bubbles: true })); })()`);
  const fold = "details[data-exposure] > details";
  check(!(await js(`document.querySelector("${fold}").open`)), "a target is open from the start");
  await click(`${fold} > summary`);
  check(await js(`document.querySelector("${fold}").open`), "a click does not open a fold");
  await js(`document.querySelector("${fold} > summary").focus()`);
  await key("Enter", 13, "\r");
  check(!(await js(`document.querySelector("${fold}").open`)), "the enter key does not close a fold");
  await js(`document.body.focus()`);
  await key("Tab", 9);
  check((await js("document.activeElement !== document.body")), "the tab key reaches nothing");

  const contrast = `(() => {
    const light = (c) => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number).map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const back = light(getComputedStyle(document.body).backgroundColor);
    return Math.min(...[...document.querySelectorAll("th, td span, td small, p, summary")].map((e) => { const f = light(getComputedStyle(e).color); return (Math.max(f, back) + 0.05) / (Math.min(f, back) + 0.05); }));
  })()`;
  const backs = [];
  for (const scheme of ["light", "dark"]) {
    await tab("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
    backs.push(await js("getComputedStyle(document.body).backgroundColor"));
    const least = await js(contrast);
    check(least >= 4.5, `text in ${scheme} has a contrast of ${least.toFixed(2)} only`);
  }
  check(backs[0] !== backs[1], "light and dark look the same");
  await tab("Emulation.setDeviceMetricsOverride", { width: 375, height: 800, deviceScaleFactor: 2, mobile: true });
  await js("document.querySelectorAll('details').forEach((d) => { d.open = true; })");
  const wide = await js("document.documentElement.scrollWidth");
  check(wide <= 375, `on a phone the page is ${wide} wide`);
  for (const e of events) {
    const bad = e.method === "Runtime.exceptionThrown" || (e.method === "Log.entryAdded" && e.params.entry.level === "error") || (e.method === "Runtime.consoleAPICalled" && e.params.type === "error");
    check(!bad, `the console has an error: ${JSON.stringify(e.params).slice(0, 300)}`);
  }
} finally {
  const gone = new Promise((done) => browser.once("exit", done));
  browser.kill("SIGKILL");
  await gone;
  // Its children end a moment later, and may write till then.
  rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
if (wrong.length > 0) {
  console.error(wrong.join("\n"));
  process.exit(1);
}
console.log("the page works");
