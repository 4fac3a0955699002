"use strict";
// Sorts, filters and unfolds. Everything can be read without it; it reads nothing but this page.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // A link to something folded unfolds it, also when it is followed once more.
  const reveal = (hash = location.hash) => {
    let id = hash.slice(1);
    try { id = decodeURIComponent(id); } catch { return; }
    const target = id && document.getElementById(id);
    if (!target) return;
    if (target.closest("tr[hidden], tbody[hidden]")) {
      tools.reset();
      order();
    }
    for (let one = target; one; one = one.parentElement) if (one.localName === "details") one.open = true;
    target.scrollIntoView();
  };
  for (const button of all("button[data-fold]")) {
    const folded = () => button.dataset.fold.split(", ").flatMap((one) => all(`${one} .evidence`));
    button.hidden = folded().length === 0;
    button.addEventListener("click", () => {
      const open = folded().some((one) => !one.open);
      for (const one of folded()) one.open = open;
    });
  }

  addEventListener("hashchange", () => reveal());
  addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link) reveal(link.hash);
  });
  const tools = document.getElementById("tools");
  if (!tools) return reveal();
  const table = document.querySelector("table.verdicts");
  const bodies = [...table.tBodies];
  const rows = bodies.flatMap((body) => [...body.rows].filter((row) => row.dataset.v !== undefined)
    .map((row, at) => ({ row, body, at, text: row.textContent.toLowerCase(), verdicts: row.dataset.v.split(" ") })));
  const loose = table.appendChild(document.createElement("tbody"));
  const count = tools.querySelector("output");
  const chosen = (name) => new Set(all(`input[name=${name}]`, tools).filter((one) => one.checked).map((one) => one.value));

  const filter = () => {
    const verdicts = chosen("verdict"), levels = chosen("level");
    const words = tools.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const differs = tools.elements.differs?.checked;
    let shown = 0;
    for (const one of rows) {
      const fits = one.verdicts.some((verdict) => verdicts.has(verdict)) && levels.has(one.row.dataset.l)
        && words.every((word) => one.text.includes(word)) && !(differs && one.verdicts.length < 2);
      one.row.hidden = !fits;
      shown += fits;
    }
    for (const body of bodies) body.hidden = ![...body.rows].some((row) => row.dataset.v !== undefined && !row.hidden);
    count.textContent = count.dataset.all.replace("{shown}", shown).replace("{all}", rows.length);
  };

  function order() {
    const by = tools.elements.order.value;
    const compare = by === "worst" ? (one, other) => one.row.dataset.w - other.row.dataset.w
      : (one, other) => (one.row.id < other.row.id ? -1 : 1);
    if (by === "area") for (const one of rows) one.body.append(one.row);
    else loose.append(...[...rows].sort(compare).map((one) => one.row));
    filter();
  }

  tools.addEventListener("submit", (event) => event.preventDefault());
  tools.addEventListener("input", filter);
  tools.elements.order.addEventListener("change", order);
  tools.hidden = false;
  filter();
  reveal();
})();
