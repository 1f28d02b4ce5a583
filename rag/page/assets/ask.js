// Of the tab where questions are asked: its own behaviour, after that of recoupe.js.

(() => {
  const HIDE_AFTER = 200; // ms in which the pointer can move from a marker into its words
  const opened = new Set(); // earlier turns and menus that the reader unfolded
  let marker = null; // what the article panel was opened from
  let hiding;
  let kept = ""; // what is said once the comment that was sent is on the page

  const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const panel = () => document.querySelector("#panel .article-panel");

  // -- the exact words behind a marker, while it has the pointer or the focus

  const popover = document.createElement("div");
  popover.id = "popover";
  popover.hidden = true;
  popover.setAttribute("aria-hidden", "true"); // the marker is described by the words themselves

  const hideNote = () => {
    clearTimeout(hiding);
    popover.hidden = true;
  };

  const showNote = (link) => {
    const note = document.getElementById(link.getAttribute("aria-describedby"));
    if (!note) return;
    clearTimeout(hiding);
    if (!popover.isConnected) document.querySelector(".gradio-container").append(popover);
    popover.replaceChildren(...[...note.cloneNode(true).childNodes]);
    popover.hidden = false;
    const at = link.getBoundingClientRect();
    const room = document.documentElement.clientWidth - popover.offsetWidth - 12;
    popover.style.left = `${Math.max(12, Math.min(at.left, room))}px`;
    const below = at.bottom + 6;
    const fits = below + popover.offsetHeight < window.innerHeight;
    popover.style.top = `${fits ? below : Math.max(6, at.top - popover.offsetHeight - 6)}px`;
  };

  const onNote = (event, act) => {
    const link = event.target.closest?.("a.marker[aria-describedby]");
    if (link) act(link);
  };

  document.addEventListener("pointerover", (event) => {
    if (popover.contains(event.target)) return clearTimeout(hiding);
    onNote(event, showNote);
  });
  document.addEventListener("pointerout", (event) => {
    if (popover.contains(event.target) || event.target.closest?.("a.marker")) {
      clearTimeout(hiding);
      hiding = setTimeout(hideNote, HIDE_AFTER);
    }
  });
  document.addEventListener("focusin", (event) => onNote(event, showNote));
  document.addEventListener("focusout", (event) => onNote(event, hideNote));
  document.addEventListener("scroll", hideNote, { capture: true, passive: true });

  // -- the article in its panel

  const closePanel = () => {
    delete document.body.dataset.panel;
    document.querySelectorAll(".source.chosen").forEach((one) => one.classList.remove("chosen"));
    const back = marker?.isConnected ? marker : document.querySelector("#question textarea");
    marker = null;
    back?.focus({ preventScroll: false });
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) closePanel();
    const link = event.target.closest("a.marker");
    if (link) event.preventDefault(); // the address may hold a query that following it would drop
    const copying = event.target.closest("[data-copy]");
    if (copying) copyAnswer(copying);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (document.body.dataset.panel) closePanel();
    hideNote();
  });

  // -- what was unfolded stays so when its part of the page is written anew

  document.addEventListener(
    "toggle",
    (event) => {
      const key = event.target.dataset?.keep;
      if (key && event.target.isConnected) {
        if (event.target.open) opened.add(key);
        else opened.delete(key);
      }
    },
    true,
  );

  const copyAnswer = async (button) => {
    const turn = button.closest("details.turn, #answer");
    const text = turn.querySelector(".copy-text");
    const done = await recoupe.copy(text.textContent);
    const note = turn.querySelector(".copied");
    text.hidden = done;
    if (!done) getSelection().selectAllChildren(text);
    note.textContent = done ? note.dataset.text : note.dataset.failed;
    if (done) setTimeout(() => (note.textContent = ""), 3000);
  };

  // -- what a reader says of an answer

  const commentOf = (one) => one.closest("details.turn, #answer")?.querySelector(".comment input");

  Object.assign(window.recoupe, {
    // Buttons and markers inside HTML ask the server for what their `data-do` names.
    delegate(element, trigger) {
      element.addEventListener("click", (event) => {
        const chip = event.target.closest("[data-filter]");
        if (chip) return trigger("clear", { filter: chip.dataset.filter });
        const one = event.target.closest("[data-do]");
        if (!one) return;
        if (one.dataset.do === "click") marker = one;
        if (one.matches("form")) return; // sent by its button, or by the Enter key
        // what was written beside a reason, and not sent yet, goes along with it
        const beside = one.dataset.reason && commentOf(one)?.value;
        trigger(one.dataset.do, { ...one.dataset, ...(beside ? { comment: beside } : {}) });
      });
      element.addEventListener("submit", (event) => {
        const { kept: said, ...data } = event.target.dataset;
        event.preventDefault();
        kept = said;
        trigger(data.do, { ...data, comment: commentOf(event.target).value });
      });
    },
    reopen(element) {
      if (kept && element.querySelector(".comment .kept")) {
        recoupe.say(kept);
        kept = "";
      }
      for (const one of element.querySelectorAll("details[data-keep]")) {
        one.open = opened.has(one.dataset.keep);
      }
    },
    // The panel was filled: show it at the words that are cited.
    openPanel() {
      if (!marker || !panel()) return;
      hideNote();
      document.body.dataset.panel = "open";
      document.querySelectorAll(".source.chosen").forEach((one) => one.classList.remove("chosen"));
      const card = marker.getAttribute("href")?.slice(1);
      if (card) document.getElementById(card)?.classList.add("chosen");
      requestAnimationFrame(() => {
        const words = document.getElementById("quoted");
        words?.scrollIntoView({ behavior: calm() ? "auto" : "smooth", block: "center" });
        words?.focus({ preventScroll: true });
      });
    },
    // Another dossier was opened: no article of the one before stays in the panel.
    leave() {
      if (document.body.dataset.panel && !panel()) closePanel();
    },
    edit() {
      const box = document.querySelector("#question textarea");
      box.focus();
      box.setSelectionRange(box.value.length, box.value.length);
    },
    // Each tab has its own conversation; a tab that has none yet takes the last one of the browser.
    remember(id) {
      sessionStorage.setItem("recoupe-talk", id ?? "");
    },
    recall(id) {
      return sessionStorage.getItem("recoupe-talk") ?? id;
    },
    // A file that the server wrote for this page alone, kept where the browser keeps downloads.
    save(file) {
      if (!file) return;
      const { name, type, base64 } = JSON.parse(file);
      const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([bytes], { type }));
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    },
  });
})();
