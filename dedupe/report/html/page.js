"use strict";
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const byId = (id) => document.getElementById(id);
const cards = all(".card");
const verdicts = new Map();
let current = null;
let saved = true;

const articleOf = (card) => card.closest(".article");
const numberOf = (card) => card.getAttribute("value");
const marksOf = (card) => all(`.text [data-f~="${numberOf(card)}"]`, articleOf(card));
const cardsOf = (mark) => {
  const article = mark.closest(".article");
  return mark.dataset.f.split(" ").map((number) => byId(`f${article.id.slice(1)}-${number}`));
};
const dataOf = new WeakMap();
const findingOf = (card) => {
  const article = articleOf(card);
  if (!dataOf.has(article)) dataOf.set(article, JSON.parse(article.querySelector("script").textContent));
  const data = dataOf.get(article);
  return { data, finding: data.findings[numberOf(card)] };
};

// Decisions

function show(card) {
  const word = verdicts.get(card);
  for (const button of all(".verdict button", card)) button.setAttribute("aria-pressed", button.value === word);
  const accepted = (other) => other.dataset.outcome !== "applied" && verdicts.get(other) === "accept";
  for (const mark of marksOf(card)) {
    if (mark.dataset.by === numberOf(card)) mark.classList.toggle("kept", word === "reject");
    if (mark.matches("mark")) mark.classList.toggle("taken", cardsOf(mark).some(accepted));
  }
}

function decide(card, word) {
  if (!card || !card.querySelector(".verdict")) return;
  if (verdicts.get(card) === word) verdicts.delete(card);
  else verdicts.set(card, word);
  saved = false;
  show(card);
  count();
  say(`${numberOf(card)} ${card.dataset.code}: ${verdicts.get(card) || "undecided"}`);
}

function count() {
  byId("made").textContent = verdicts.size;
  byId("save").disabled = saved && !verdicts.size;
}

function save() {
  const lines = cards.filter((card) => verdicts.has(card)).map((card) => {
    const { data, finding: [code, start, end, text] } = findingOf(card);
    const { article, sha256_before } = data;
    return JSON.stringify({ article, sha256_before, code, start, end, text, verdict: verdicts.get(card) }) + "\n";
  });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(lines, { type: "application/jsonl" }));
  link.download = "decisions.jsonl";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  saved = true;
  say("saved: dedupe clean --decisions decisions.jsonl applies them");
}

function addButtons(card) {
  if (!card.querySelector(".change")) return;
  const row = document.createElement("p");
  row.className = "verdict";
  for (const [word, label] of [["accept", "Accept"], ["reject", "Reject"]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.value = word;
    button.textContent = label;
    button.setAttribute("aria-label", `${label} finding ${numberOf(card)}`);
    button.addEventListener("click", () => { choose(card, false); decide(card, word); });
    row.append(button);
  }
  card.append(row);
}

// Going from finding to finding

const say = (words) => { byId("told").textContent = words; };
const wanted = (card) => !card.hidden;

function choose(card, scroll = true) {
  for (const element of all(".now")) element.classList.remove("now");
  if (!card) return;
  current = card;
  articleOf(card).open = true;
  const marks = marksOf(card);
  for (const element of [card, ...marks]) element.classList.add("now");
  const column = card.parentElement;
  if (column.scrollHeight > column.clientHeight) {
    column.scrollTop = card.offsetTop - column.offsetTop - (column.clientHeight - card.offsetHeight) / 2;
  }
  if (scroll) (marks[0] || card).scrollIntoView({ block: "center" });
}

function step(by) {
  const shown = cards.filter(wanted);
  if (!shown.length) return say("no finding fits the filter");
  let at = shown.indexOf(current) + by;
  if (!shown.includes(current)) {
    const after = shown.findIndex((card) => current && current.compareDocumentPosition(card) & 4);
    at = by > 0 ? Math.max(0, after) : (after < 0 ? shown.length : after) - 1;
  }
  at = Math.min(shown.length - 1, Math.max(0, at));
  choose(shown[at]);
  say(`${at + 1} of ${shown.length}: ${current.dataset.code}`);
}

// Filters and views

function filter() {
  const rule = byId("rule").value;
  const outcome = byId("outcome").value;
  const any = rule || outcome;
  let left = 0;
  for (const article of all(".article")) {
    const seen = new Set();
    for (const card of all(".card", article)) {
      card.hidden = !card.dataset.code.startsWith(rule) || (outcome !== "" && card.dataset.outcome !== outcome);
      if (wanted(card)) seen.add(numberOf(card));
    }
    article.hidden = Boolean(any) && !seen.size;
    left += seen.size;
    for (const mark of all(".text [data-f]", article)) {
      mark.classList.toggle("off", !mark.dataset.f.split(" ").some((number) => seen.has(number)));
    }
  }
  say(any ? `${left} found` : "");
}

function sideBySide(article) {
  const wants = byId("side").checked && article.open;
  const before = article.querySelector(".text");
  const after = article.querySelector(".after");
  if (wants && !after) {
    const copy = before.cloneNode(true);
    for (const element of all("[id], [data-w]", copy)) {
      for (const name of ["id", "data-w"]) element.removeAttribute(name);
    }
    copy.classList.add("after");
    copy.dataset.label = "After";
    before.dataset.label = "Before";
    before.after(copy);
  } else if (!wants && after) {
    after.remove();
    delete before.dataset.label;
  }
}

function follow() {
  for (const element of all("[data-w].now")) element.classList.remove("now");
  const target = location.hash && byId(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  const article = target.closest(".article");
  if (article) article.open = true;
  if (target.matches(".copy")) for (const part of all(`[data-w~="${target.id}"]`)) part.classList.add("now");
  const card = byId(target.id.replace(/^t/, "f"));
  if (card && card.matches(".card")) choose(card, false);
  target.scrollIntoView({ block: target.matches(".article, h2") ? "start" : "center" });
}

const keys = {
  n: () => step(1), j: () => step(1), p: () => step(-1), k: () => step(-1),
  a: () => decide(current, "accept"), r: () => decide(current, "reject"),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select, input")) return;
  const act = keys[event.key];
  if (act) { event.preventDefault(); act(); }
});
document.addEventListener("click", (event) => {
  const mark = event.target.closest(".text [data-f]");
  if (!mark || mark.matches("a") || mark.matches(".off")) return;
  choose(cardsOf(mark).find(wanted), false);
});
for (const card of cards) {
  addButtons(card);
  if (card.dataset.verdict) { verdicts.set(card, card.dataset.verdict); show(card); }
}
for (const article of all(".article")) article.addEventListener("toggle", () => sideBySide(article));
byId("rule").addEventListener("change", filter);
byId("outcome").addEventListener("change", filter);
byId("next").addEventListener("click", () => step(1));
byId("previous").addEventListener("click", () => step(-1));
byId("save").addEventListener("click", save);
byId("side").addEventListener("change", (event) => {
  document.body.classList.toggle("side", event.target.checked);
  all(".article").forEach(sideBySide);
});
window.addEventListener("hashchange", follow);
window.addEventListener("beforeunload", (event) => { if (!saved) event.preventDefault(); });
window.addEventListener("beforeprint", () => {
  for (const article of all(".article")) { article.dataset.was = article.open ? "open" : ""; article.open = true; }
});
window.addEventListener("afterprint", () => {
  for (const article of all(".article")) article.open = article.dataset.was === "open";
});
document.querySelector(".tools").hidden = false;
count();
follow();
