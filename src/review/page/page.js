// Filters of the report: which targets, which outcomes, which exposures are shown.
// Inlined into the page; without it, everything is shown.
"use strict";
const form = document.querySelector("form");
function apply() {
  const targets = new Set([...form.querySelectorAll("input[name=target]:checked")].map((i) => i.value));
  const only = form.querySelector("input[name=outcome]:checked").value;
  const words = form.querySelector("input[type=search]").value.trim().toLowerCase();
  for (const cell of document.querySelectorAll("[data-target]")) {
    cell.hidden = !targets.has(cell.dataset.target);
  }
  let shown = 0;
  for (const part of document.querySelectorAll("[data-exposure]")) {
    part.hidden = words !== "" && !part.dataset.exposure.toLowerCase().includes(words);
    shown += part.hidden ? 0 : 1;
    for (const row of part.querySelectorAll("tr[data-outcomes]")) {
      const seen = [...row.querySelectorAll("td[data-outcome]")].filter((c) => !c.hidden).map((c) => c.dataset.outcome);
      row.hidden = only !== "all" && !seen.includes(only);
    }
  }
  document.querySelector("output").value = shown + " shown";
}
form.addEventListener("input", apply);
form.addEventListener("submit", (e) => e.preventDefault());
form.hidden = false;
apply();
