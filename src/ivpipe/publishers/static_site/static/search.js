// The search of a site without a server: reads the parts of the index, the newest first, and shows titles whose article
// has a word beginning with each of those typed. What it shows is set as text, never as markup.
"use strict";
(() => {
  const form = document.querySelector("form.search");
  const field = form.elements.q;
  const state = document.querySelector(".search-state");
  const list = document.querySelector(".found");
  const articles = [];
  const SHOWN = 100;
  let loading = null;

  // As search.py folds what it writes.
  const fold = (text) => text.toLowerCase().normalize("NFKD").replace(/\p{Mn}/gu, "");

  async function load() {
    for (let name = "latest"; name; ) {
      const answer = await fetch(`${name}.json`);
      if (!answer.ok) throw new Error(`${name}.json: ${answer.status}`);
      const part = await answer.json();
      for (const [path, title, about, day, words] of part.articles) {
        articles.push({ path, title, about, day, words: ` ${words}`, heading: ` ${fold(title)}` });
      }
      show();
      name = part.older;
    }
  }

  function show() {
    const words = fold(field.value).match(/[\p{L}\p{N}_]+/gu) || [];
    const has = (text) => words.every((word) => text.includes(` ${word}`));
    const found = words.length ? articles.filter((article) => has(article.words) || has(article.heading)) : [];
    found.sort((one, other) => has(other.heading) - has(one.heading));
    list.replaceChildren(...found.slice(0, SHOWN).map(row));
    list.hidden = !found.length;
    state.textContent = !words.length ? "" : found.length ? `${state.dataset.found} ${found.length}` : state.dataset.none;
  }

  function row(article) {
    const day = document.createElement("span");
    day.className = "day";
    day.textContent = article.day;
    const link = document.createElement("a");
    link.href = article.path;
    link.textContent = article.title;
    const about = document.createElement("cite");
    about.textContent = article.about;
    const item = document.createElement("li");
    item.append(day, link, about);
    return item;
  }

  function search() {
    loading ??= load().catch(() => {
      form.hidden = true; // no index to be had: the lists below remain
      state.textContent = "";
    });
    show();
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  field.addEventListener("input", search);
  form.hidden = false;
  const asked = new URLSearchParams(location.search).get("q");
  if (asked) {
    field.value = asked;
    search();
  }
})();
