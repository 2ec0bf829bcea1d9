// Checks documents of GitOps engines against models that were made of their CRDs, values and names of fields alike.
// The models let unknown fields pass, as an API server does; so the compiler of their types looks for these.
//
//   node models.mjs NODE_MODULES < documents.json      prints a fault a line
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const modules = resolve(process.argv[2]);
const packages = {
  "argoproj.io": "@kubernetes-models/argo-cd",
  "source.toolkit.fluxcd.io": "@kubernetes-models/flux-cd",
  "kustomize.toolkit.fluxcd.io": "@kubernetes-models/flux-cd",
};

const lines = [];
for (const [i, document] of JSON.parse(readFileSync(0, "utf8")).entries()) {
  const what = `${document.apiVersion} ${document.kind}`;
  const from = packages[document.apiVersion.split("/")[0]];
  if (!from) {
    console.log(`${what}: there is no model`);
    continue;
  }
  const file = `${modules}/${from}/${document.apiVersion}/index.js`;
  const model = (await import(pathToFileURL(file).href))[document.kind];
  try {
    new model(document).validate();
  } catch (error) {
    console.log(`${what}: ${error.message}`);
  }
  lines.push(`import type { I${document.kind} as T${i} } from ${JSON.stringify(file)};`);
  lines.push(`export const d${i}: T${i} = ${JSON.stringify(document)};`);
}

const place = mkdtempSync(join(tmpdir(), "models-"));
writeFileSync(join(place, "documents.ts"), lines.join("\n"));
const options = "--noEmit --strict --module nodenext --moduleResolution nodenext --skipLibCheck --pretty false";
const found = spawnSync(join(modules, ".bin/tsc"), [...options.split(" "), join(place, "documents.ts")], { encoding: "utf8" });
rmSync(place, { recursive: true });
if (found.status !== 0) {
  console.log(found.stdout || String(found.error));
}
