window.recoupe = {
  start(language) {
    document.documentElement.lang = language;
    if (!document.getElementById("spoken")) recoupe.speak();
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
