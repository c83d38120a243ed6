// The one script: every page works without it. Filters in place, sorting, keys, the wall.
"use strict";
(() => {
  const zh = () => document.documentElement.lang.startsWith("zh");
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // Sorting: a heading becomes a button; the total stays on top.
  const value = (cell) => {
    const exact = cell.querySelector("data");
    const text = exact ? exact.value : cell.textContent.trim();
    const number = Number(text.replace(/[−–]/g, "-").replace(/[+%,\s]/g, ""));
    return text === "" || text === "—" || text === "·" ? null : Number.isNaN(number) ? text : number;
  };
  const compare = (a, b, sign) => {
    if (a === null || b === null) return (a === null) - (b === null);
    if (typeof a === "number" && typeof b === "number") return sign * (a - b);
    return sign * String(a).localeCompare(String(b), document.documentElement.lang);
  };
  const sort = (heading) => {
    const table = heading.closest("table");
    const column = heading.cellIndex;
    const down = heading.getAttribute("aria-sort") === "descending";
    all("th[aria-sort]", table).forEach((other) => other.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", down ? "ascending" : "descending");
    const rows = all("tbody > tr:not(.total)", table);
    const key = (row) => value(row.cells[column]);
    rows.map((row) => [key(row), row])
      .sort(([a], [b]) => compare(a, b, down ? 1 : -1))
      .forEach(([, row]) => table.tBodies[0].append(row));
  };
  const sortable = () => all("table.grid thead th").forEach((heading) => {
    if (heading.querySelector(".sort") || !heading.textContent.trim()) return;
    if (heading.closest("table").tBodies[0].rows.length < 3) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...heading.childNodes);
    heading.append(button);
  });

  // Filters in place: the same page the form asks for, without leaving this one.
  const show = async (address, push) => {
    const main = document.getElementById("main");
    main.setAttribute("aria-busy", "true");
    let answer;
    try {
      answer = await fetch(address, { headers: { accept: "text/html" } });
    } catch {
      location.assign(address);
      return;
    }
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok || !next.getElementById("main")) {
      location.assign(address);
      return;
    }
    const focused = document.activeElement && document.activeElement.name;
    document.title = next.title;
    for (const part of ["header", "main", "footer"]) {
      document.querySelector(part).replaceWith(next.querySelector(part));
    }
    if (push) history.pushState(null, "", address);
    prepare();
    if (focused) document.querySelector(`select[name="${focused}"]`)?.focus();
  };
  const asked = (form) => {
    const given = [...new FormData(form)].filter(([, given]) => given !== "");
    const query = new URLSearchParams(given).toString();
    return form.getAttribute("action") + (query && `?${query}`);
  };
  document.addEventListener("change", (event) => {
    const form = event.target.closest && event.target.closest("form.selection");
    if (form) show(asked(form), true);
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form.selection")) return;
    event.preventDefault();
    show(asked(event.target), true);
  });
  addEventListener("popstate", () => {
    if (location.hash !== "#main") show(location.pathname + location.search, false);
  });

  // Keys: [ and ] to the page before and after, / to the first filter, Escape closes.
  const pages = () => all("nav.pages a");
  const turn = (step, way = "assign") => {
    const links = pages();
    const at = links.findIndex((link) => link.getAttribute("aria-current"));
    const next = links[(at + step + links.length) % links.length];
    if (next) location[way](next.href + (wall() ? "#wall" : ""));
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".sort");
    if (button) sort(button.closest("th"));
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select, input, textarea")) return;
    if (event.key === "[") turn(-1);
    else if (event.key === "]") turn(1);
    else if (event.key === "/") { event.preventDefault(); document.querySelector(".selection select")?.focus(); }
    else if (event.key === "Escape" && wall()) location.hash = "";
    else if (event.key === " " && wall()) { event.preventDefault(); resting = !resting; }
  });

  // The wall: dark, one page after the other; the space bar holds a page.
  const SECONDS = 20;
  let resting = false;
  let timer = null;
  const wall = () => location.hash === "#wall";
  const dress = () => {
    document.documentElement.classList.toggle("wall", wall());
    clearInterval(timer);
    // Pages that turn by themselves leave no trail of a day's pages behind.
    if (wall()) timer = setInterval(() => { if (!resting) turn(1, "replace"); }, SECONDS * 1000);
  };
  addEventListener("hashchange", dress);

  const prepare = () => {
    sortable();
    all(".sort").forEach((button) => { button.title = zh() ? "点按排序" : "Sort"; });
  };
  prepare();
  dress();
})();
