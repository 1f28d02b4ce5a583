// Of the tab of the articles: its own behaviour, after that of recoupe.js.

// A component of the tab tells the server what was pressed or chosen in it: `data-act` of the
// button or field says what, its `data-value` or own value which. What the reader was at is kept
// when the server has drawn it anew.
window.recoupeArticles = {
  listen(element, trigger, watch) {
    let open = new Set();
    const send = (one, value) => {
      open = new Set([...element.querySelectorAll("details[open]")].map((all) => all.dataset.key));
      trigger("input", { act: one.dataset.act, value });
    };
    element.addEventListener("click", (event) => {
      const article = event.target.closest("button.open");
      if (article) return trigger("click", { document: article.dataset.document });
      const chip = event.target.closest("button.chip");
      if (chip) return trigger("input", { act: "without", value: chip.dataset.filter });
      const button = event.target.closest("button[data-act]");
      if (button) send(button, button.dataset.value ?? "");
    });
    element.addEventListener("change", (event) => {
      const field = event.target.closest("[data-act]");
      if (field && field.type !== "date") send(field, field.value);
    });
    // a date counts once it is whole: each digit typed makes another one
    const dated = (event) => {
      const field = event.target.closest("input[type=date]");
      if (!field || (event.type === "keydown" && event.key !== "Enter")) return;
      if (field.value !== (field.getAttribute("value") ?? "")) send(field, field.value);
    };
    element.addEventListener("focusout", dated);
    element.addEventListener("keydown", dated);
    element.addEventListener("keydown", recoupeArticles.alongBars);
    watch("value", () => {
      element.querySelectorAll("details[data-key]").forEach((one) => {
        one.open = open.has(one.dataset.key);
      });
      // an attribute drawn anew does not change a field that was used
      element.querySelectorAll("input[type=checkbox]").forEach((one) => {
        one.checked = one.hasAttribute("checked");
      });
      element.querySelectorAll("input[type=date]").forEach((one) => {
        one.value = one.getAttribute("value") ?? "";
      });
      element.querySelectorAll("select[data-value]").forEach((one) => {
        one.value = one.dataset.value;
      });
      recoupeArticles.oneStop(element);
    });
    recoupeArticles.oneStop(element);
  },

  // The bars are one stop of the Tab key; arrows, Home and End go along them.
  oneStop(element) {
    const bars = [...element.querySelectorAll("button.bar")];
    const stop =
      bars.find((one) => one === document.activeElement) ??
      bars.find((one) => one.getAttribute("aria-pressed") === "true") ??
      bars.at(-1);
    bars.forEach((one) => (one.tabIndex = one === stop ? 0 : -1));
  },
  alongBars(event) {
    const bar = event.target.closest("button.bar");
    if (!bar) return;
    const bars = [...bar.parentElement.querySelectorAll("button.bar")];
    const at = bars.indexOf(bar);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: bars.length - 1 }[event.key];
    if (to === undefined || !bars[to]) return;
    event.preventDefault();
    bars.forEach((one, n) => (one.tabIndex = n === to ? 0 : -1));
    bars[to].focus();
  },

  // Reading an article, and going back to where it was opened.
  read() {
    recoupeArticles.from = document.activeElement?.dataset?.document;
    document.querySelector("#reader .reading")?.focus({ preventScroll: true });
    recoupe.show("reader");
  },
  back() {
    const from = [...document.querySelectorAll("#table button.open")].find(
      (one) => one.dataset.document === recoupeArticles.from,
    );
    from?.focus();
  },

  // How many articles are left is said by screen readers; nothing else of the list is.
  start() {
    document.getElementById("count")?.setAttribute("aria-live", "polite");
    recoupeArticles.takeFolders();
  },

  // A folder that is dropped, or chosen, becomes the files in it that can be articles.
  takeFolders() {
    const place = document.getElementById("files");
    if (!place || place.dataset.folders) return;
    place.dataset.folders = "yes";
    place.addEventListener("drop", recoupeArticles.dropped, true);
  },
  dropped(event) {
    const entries = [...(event.dataTransfer?.items ?? [])]
      .map((item) => item.webkitGetAsEntry?.())
      .filter(Boolean);
    if (!entries.some((entry) => entry.isDirectory)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    recoupeArticles.walk(entries).then((files) => recoupeArticles.give(files));
  },
  chooseFolder() {
    const field = document.createElement("input");
    field.type = "file";
    field.webkitdirectory = true;
    field.addEventListener("change", () => {
      const named = [...field.files].map((file) => [file, file.webkitRelativePath || file.name]);
      recoupeArticles.give(named.filter(([, path]) => recoupeArticles.isArticle(path)));
    });
    field.click();
  },
  isArticle: (path) => !/(^|\/)\./.test(path) && /\.(txt|text|md|markdown|html?|xhtml)$/i.test(path),
  async walk(entries) {
    const found = [];
    const look = async (entry, loose) => {
      if (entry.isFile) {
        if (!loose && !recoupeArticles.isArticle(entry.name)) return;
        const file = await new Promise((done, fail) => entry.file(done, fail)).catch(() => null);
        if (file) found.push([file, entry.fullPath.replace(/^\//, "")]);
      } else if (!entry.name.startsWith(".")) {
        const reader = entry.createReader();
        for (;;) {
          const some = await new Promise((done) => reader.readEntries(done, () => done([])));
          if (!some.length) break;
          for (const one of some) await look(one, false);
        }
      }
    };
    for (const entry of entries) await look(entry, true);
    return found;
  },
  // Gradio's own field takes them, named after where they lie: two of one name are two articles.
  give(named) {
    const field = document.querySelector("#files input[type=file]");
    if (!field || !named.length) return;
    const given = new DataTransfer();
    named.forEach(([file, path]) =>
      given.items.add(new File([file], path.split("/").join(" - "), { type: file.type })),
    );
    field.files = given.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  },
};
