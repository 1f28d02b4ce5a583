// A citation marker brings its source into view and gives it the focus.
document.addEventListener("click", (event) => {
  const marker = event.target.closest("a.marker");
  if (!marker) return;
  event.preventDefault(); // the address may hold a query that following the link would drop
  const card = document.getElementById(`source-${marker.dataset.source}`);
  if (!card) return;
  document.querySelectorAll(".source.chosen").forEach((one) => one.classList.remove("chosen"));
  card.classList.add("chosen");
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  card.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "center" });
  card.focus({ preventScroll: true });
});

window.recoupe = {
  start(language) {
    document.documentElement.lang = language;
    // not the status: its seconds would be read out four times a second
    document.getElementById("answer").setAttribute("aria-live", "polite");
  },
  async copyAnswer() {
    const text = document.querySelector(".copy-text");
    if (!text) return;
    await navigator.clipboard.writeText(text.textContent);
    const note = document.querySelector(".copied");
    note.textContent = note.dataset.text;
    setTimeout(() => (note.textContent = ""), 3000);
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
