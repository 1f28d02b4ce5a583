window.recoupe = {
  start(language, words) {
    document.documentElement.lang = language;
    localStorage.setItem("recoupe-shown", language);
    delete document.documentElement.dataset.waiting;
    document.documentElement.style.setProperty("--uploading", JSON.stringify(words.uploading));
    recoupe.words = words;
    recoupe.reword();
    if (document.getElementById("spoken")) return;
    recoupe.speak();
    new MutationObserver(recoupe.reword).observe(document.body, { childList: true, subtree: true });
  },
  // Gradio's own words follow the browser, or are English: where they can be seen or heard, ours
  // take their place. Runs after every change of the page: it writes only what is not so yet.
  reword() {
    const { words, name } = recoupe;
    const files = "#files button[aria-label], #files input[type=file]";
    for (const one of document.querySelectorAll(files)) {
      const file = one.closest("tr")?.querySelector(".filename")?.getAttribute("aria-label");
      if (file) name(one, words.removeFile.replace("{name}", () => file));
      else if (one.querySelector(".upload-container")) recoupe.unbutton(one, words.moreFiles);
      else if (one.closest(".icon-button .upload-container")) name(one, words.moreFiles);
      else if (one.matches(".upload-container, input")) name(one, words.chooseFiles);
      else name(one, words.clearFiles);
    }
    document.querySelectorAll('[data-testid="toast-body"]').forEach(recoupe.rewordNotice);
  },
  name(place, text) {
    for (const one of ["aria-label", "title"]) {
      if (place.hasAttribute(one) && place.getAttribute(one) !== text) place.setAttribute(one, text);
    }
  },
  // A button around a button, as Gradio has them, is one that screen readers do not get into.
  unbutton(place, text) {
    recoupe.name(place, text);
    if (place.getAttribute("role") !== "group") place.setAttribute("role", "group");
    place.tabIndex = -1;
  },
  // Gradio says two things on its own: that the server is gone, and that files were not taken.
  rewordNotice(notice) {
    const words = recoupe.words;
    const texts = notice.querySelectorAll('[data-testid="toast-text"]');
    for (const one of texts) {
      one.dataset.lost ??= /connection/i.test(`${notice.innerText} ${one.textContent}`);
      const text = one.dataset.lost === "true" ? words.lost : words.uploadFailed;
      if (one.textContent !== text) one.textContent = text;
    }
    const lost = [...texts].some((one) => one.dataset.lost === "true");
    const title = notice.querySelector(".toast-title")?.firstChild;
    const said = `${lost ? words.lostTitle : words.error} `;
    if (title && title.data !== said) title.data = said;
    const head = notice.querySelector(".toast-header[role=button]");
    if (head) recoupe.unbutton(head, "");
    notice.querySelector('[data-testid="toast-close"]')?.setAttribute("aria-label", words.close);
  },
  // Says something to screen readers: the place was there before, or they would not.
  say(text) {
    let place = document.getElementById("said");
    if (!place) {
      place = document.createElement("p");
      place.id = "said";
      place.className = "unseen";
      place.setAttribute("role", "status");
      (document.querySelector("main") ?? document.body).append(place);
    }
    place.textContent = "";
    setTimeout(() => (place.textContent = text), 100);
  },
  // A page that came over plain HTTP from another machine has no clipboard: the old way then.
  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return recoupe.copyField(text);
    }
  },
  copyField(text) {
    const focused = document.activeElement;
    const field = document.createElement("textarea");
    field.value = text;
    field.readOnly = true;
    field.className = "unseen";
    document.body.append(field);
    field.select();
    let done = false;
    try {
      done = document.execCommand("copy");
    } catch {
      // the browser does not know the command: said below
    }
    field.remove();
    focused?.focus({ preventScroll: true });
    return done;
  },
  // A screen reader says the answer once, when it is whole: the page draws it anew several times
  // a second while it is written, and again when it is rated. Only a whole one can be copied.
  speak() {
    const answer = document.getElementById("answer");
    const spoken = document.createElement("p");
    spoken.id = "spoken";
    spoken.setAttribute("role", "status");
    (document.querySelector("main") ?? document.body).append(spoken);
    let said = "";
    new MutationObserver(() => {
      const whole = answer.querySelector(".copy-text")?.textContent ?? "";
      if (whole === said) return;
      said = whole;
      const parts = whole ? answer.querySelectorAll(".verdict, .answer-text") : [];
      spoken.lang = answer.querySelector(".answer-text")?.lang ?? "";
      spoken.textContent = [...parts].map((one) => one.innerText).join(" ");
    }).observe(answer, { childList: true, subtree: true });
  },
  show(id) {
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    document.getElementById(id)?.scrollIntoView({ behavior: calm ? "auto" : "smooth" });
  },
};

// The page comes in English and is then written in the language of its reader: who reads French
// sees it from then on, or after three seconds, should the server be slow.
{
  const known = navigator.languages.map((one) => one.slice(0, 2)).find((one) => /fr|en/.test(one));
  if ((localStorage.getItem("recoupe-shown") ?? known) === "fr") {
    document.documentElement.dataset.waiting = "";
    setTimeout(() => delete document.documentElement.dataset.waiting, 3000);
  }
}

// The server is on this machine: it is lost only when Recoupe was closed.
setInterval(async () => {
  const note = document.querySelector(".lost");
  if (!note) return;
  try {
    await fetch("gradio_api/app_id", { cache: "no-store" });
    note.hidden = true;
  } catch {
    note.hidden = false;
  }
}, 4000);
