// Runs before the page is painted: the stored choice of colours must not flash in late.
(() => {
  const choices = ["system", "light", "dark"];
  const root = document.documentElement;
  const stored = () => {
    const value = localStorage.getItem("ha-theme");
    return choices.includes(value) ? value : "system";
  };
  const apply = choice => {
    if (choice === "system") {
      root.removeAttribute("data-theme");
    } else {
      root.setAttribute("data-theme", choice);
    }
    const button = document.getElementById("theme-switch");
    if (button) {
      button.textContent = "Theme: " + choice;
    }
  };
  apply(stored());
  addEventListener("DOMContentLoaded", () => {
    apply(stored());
    document.getElementById("theme-switch")?.addEventListener("click", () => {
      const next = choices[(choices.indexOf(stored()) + 1) % choices.length];
      localStorage.setItem("ha-theme", next);
      apply(next);
    });
  });
})();
