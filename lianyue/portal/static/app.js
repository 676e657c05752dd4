// What HTML alone cannot do: keys in lists, the number of picked rows, dialogs, printing.
(() => {
  "use strict";
  const all = (selector) => [...document.querySelectorAll(selector)];
  const rows = () => all("[data-row]");
  const typing = (event) =>
    event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), textarea, select, dialog");
  const current = () => rows().findIndex((row) => row.classList.contains("at"));

  const go = (step) => {
    const found = rows();
    if (!found.length) return;
    const next = Math.min(found.length - 1, Math.max(0, current() + step));
    found.forEach((row, place) => row.classList.toggle("at", place === next));
    found[next].querySelector("a")?.focus();
  };

  const count = () => {
    const picked = all("[data-pick]:checked").length;
    all("[data-pick]").forEach((box) => box.closest("tr").classList.toggle("picked", box.checked));
    all("[data-bulk]").forEach((bar) => { bar.hidden = !picked; });
    all("[data-count]").forEach((place) => { place.textContent = picked; });
    all("[data-every]").forEach((box) => { box.checked = picked > 0 && picked === all("[data-pick]").length; });
  };

  const keys = {
    j: () => go(1),
    k: () => go(-1),
    x: () => rows()[current()]?.querySelector("[data-pick]")?.click(),
    Enter: () => rows()[current()]?.querySelector("a")?.click(),
    "/": () => document.getElementById("q")?.focus(),
    "?": () => document.getElementById("keys")?.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act || typing(event) || (event.key === "Enter" && event.target.closest("a, button, summary"))) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-every]")) all("[data-pick]").forEach((box) => { box.checked = event.target.checked; });
    if (event.target.matches("[data-every], [data-pick]")) count();
    if (event.target.matches("[data-send]")) event.target.form.requestSubmit();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) print();
    const opener = event.target.closest("[data-dialog]");
    if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
  });
  const later = new WeakMap();
  const keep = async (form) => {
    const answer = await fetch(form.dataset.draft, {
      method: "POST", body: new URLSearchParams(new FormData(form)), headers: { "X-Draft": "by itself" },
    }).catch(() => null);
    const place = form.querySelector("[data-kept]");
    if (answer?.status === 204 && place) place.textContent = place.dataset.kept;
  };
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!form?.dataset.draft) return;
    clearTimeout(later.get(form));
    later.set(form, setTimeout(keep, 1500, form));
  });
  document.addEventListener("submit", (event) => {
    clearTimeout(later.get(event.target));
    if (event.submitter?.dataset.again !== undefined) return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "yes";
    setTimeout(() => delete event.target.dataset.sent, 4000);
  });
  document.addEventListener("htmx:after:swap", count);
  document.getElementById("faults")?.focus();
  count();
})();
